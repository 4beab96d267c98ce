// Node plc-connection: owns the one connection to a PLC that all nodes of this room share.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { NodeAPI, NodeDef } from 'node-red';
import { systemClock } from '../core/clock.ts';
import { SettingsRefused } from '../core/errors.ts';
import { onFlowsStarted } from '../core/flows-started.ts';
import { errorReply } from '../core/http-envelope.ts';
import { settingsOrRefusal } from '../core/refused-settings.ts';
import { watchesOnly } from '../core/setting-text.ts';
import { standInsReady } from '../core/stand-ins.ts';
import type { PlcConnectionNode } from './connection-contract.ts';
import {
  type ConnectionSettings,
  describePeer,
  type PlcConnectionProperties,
  parseConnectionSettings,
} from './link/connection-settings.ts';
import { openLink } from './link/open-link.ts';
import { resolvePreview } from './link/resolve-preview.ts';
import { SharedLink } from './link/shared-link.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export default function (RED: NodeAPI): void {
  function PlcConnection(this: Writable<PlcConnectionNode>, config: NodeDef & PlcConnectionProperties) {
    RED.nodes.createNode(this, config);
    const settings = settingsOrRefusal(this, () => settingsOf(config));
    if (settings instanceof SettingsRefused) return;
    let release = () => {};
    /** A simulated PLC of the same deploy listens only when its node exists, too. */
    const othersExist = new Promise<void>((resolve) => {
      const forget = onFlowsStarted(RED.events, resolve);
      release = () => {
        forget();
        resolve();
      };
    });
    const link = new SharedLink({
      peer: describePeer(settings.endpoint),
      open: (onStatus) => openLink(settings, systemClock, onStatus),
      ready: othersExist.then(() => standInsReady(systemClock)),
      clock: systemClock,
      onTransition: ({ state, detail }) => {
        if (state === 'connected') this.log(detail);
        if (state === 'waiting') this.warn(detail);
      },
    });
    this.plcName = settings.plcName;
    this.link = link;
    this.memoryMap = settings.memoryMap;
    this.wordOrder = settings.wordOrder;
    this.watchOnly = settings.watchOnly;
    this.onLinkState = (listener) => link.use(listener);
    this.on('close', (done: () => void) => {
      release();
      link.close().then(done, done);
    });
  }

  function settingsOf(config: PlcConnectionProperties): ConnectionSettings {
    return parseConnectionSettings(config, {
      readFile: (path) => readFileSync(resolve(RED.settings.userDir ?? '.', path), 'utf8'),
      watchOnly: watchesOnly(false, process.env),
    });
  }

  RED.nodes.registerType('plc-connection', PlcConnection);

  RED.httpAdmin.post(
    '/shopfloor/plc-connection/resolve',
    RED.auth.needsPermission('plc-connection.read'),
    (request, response) => {
      try {
        response.json(resolvePreview(request.body));
      } catch (error) {
        const { statusCode, payload } = errorReply(error);
        response.status(statusCode).json(payload);
      }
    },
  );
}
