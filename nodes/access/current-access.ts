// The one Access of this process: settings.ts makes it, nodes and the dashboard plugin find it here.
import { ShopfloorError } from '../core/errors.ts';
import type { Access } from './access.ts';
import type { ConnectionDoor } from './connection-limits.ts';
import type { EditorDoor } from './editor-door.ts';
import type { SocketHub } from './socket-hub.ts';
import type { WebAccess } from './web-access.ts';

export interface InstalledAccess {
  readonly access: Access;
  readonly hub: SocketHub;
  readonly web: WebAccess;
  /** Path of the dashboard, without a slash at the end. */
  readonly dashboardPath: string;
  readonly connections: ConnectionDoor;
  readonly editorDoor: EditorDoor;
}

let installed: InstalledAccess | undefined;

export function installAccess(made: InstalledAccess | undefined): void {
  installed = made;
}

export function installedAccess(): InstalledAccess | undefined {
  return installed;
}

/** For a node that can't work without accounts: it refuses to start with this. */
export function neededAccess(): InstalledAccess {
  if (installed) return installed;
  throw new ShopfloorError('no-access', 503, 'This Node-RED runs without shopfloorAccess.', {
    hint: 'Take settings.ts of this package: its helper protects routes, dashboard and editor.',
  });
}
