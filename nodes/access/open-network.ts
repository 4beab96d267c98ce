// Whether a plant listens to its whole network without TLS: then passwords and cookies go over the wire as they are.

/** The part of Node-RED's settings that says where and how it listens. */
export interface ListeningSettings {
  readonly uiHost?: string;
  readonly https?: unknown;
}

/** @param behindProxy whether proxies are trusted to say what the client used: then TLS ends there */
export function listensOpenly({ uiHost, https }: ListeningSettings, behindProxy: boolean): boolean {
  const isEverywhere = uiHost === undefined || uiHost === '' || uiHost === '0.0.0.0' || uiHost === '::';
  return isEverywhere && (https === undefined || https === null || https === false) && !behindProxy;
}
