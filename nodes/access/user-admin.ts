// Node user-admin: user administration as commands, for the page and for flows; every change is in the audit trail.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { onCommand } from '../core/command-input.ts';
import { SettingsRefused } from '../core/errors.ts';
import { answerRefused, settingsOrRefusal } from '../core/refused-settings.ts';
import { authorise, authoriseNamed, cameFromOutside, voucherOf } from './actor.ts';
import { neededAccess } from './current-access.ts';
import { parseUserAdminCommand, runUserAdmin, userAdminActions } from './user-admin-commands.ts';

export default function (RED: NodeAPI): void {
  function UserAdmin(this: Node, config: NodeDef) {
    RED.nodes.createNode(this, config);
    const needed = settingsOrRefusal(this, neededAccess);
    if (needed instanceof SettingsRefused) {
      answerRefused(this, needed, { replyOutput: 0 });
      return;
    }
    onCommand(
      this,
      async (message, send) => {
        await authoriseNamed(message, userAdminActions, 'users.read');
        const command = parseUserAdminCommand(message.payload);
        const actor = await authorise(message, userAdminActions[command.command]);
        const origin = { actor: actor?.name ?? 'flow', address: null };
        const giver = cameFromOutside(message) ? ((await voucherOf(message)?.rights?.()) ?? { scopes: [] }) : undefined;
        const payload = await runUserAdmin(neededAccess().access, command, origin, giver);
        send(Object.assign(message, { topic: `access/${command.command}`, payload, statusCode: 200 }));
      },
      { replyOutput: 0 },
    );
  }
  RED.nodes.registerType('user-admin', UserAdmin);
}
