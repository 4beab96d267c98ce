// Where the flows' routes begin: `httpRoot` of Node-RED's settings, as behind a proxy that serves the plant under `/plant/`.

/** Without a slash at the end; empty for the root itself. */
let root = '';

/** @param path `RED.settings.httpNodeRoot`, such as `/plant/`; anything but a path means the root */
export function setHttpRoot(path: unknown): void {
  root = typeof path === 'string' && path.startsWith('/') ? path.replace(/\/+$/, '') : '';
}

/** A path of this plant as a browser must ask for it. */
export function underRoot(path: string): string {
  return `${root}${path}`;
}

/** The same the other way: what a browser asked for, as the plant's own path. */
export function withoutRoot(pathname: string): string {
  const isUnder = root !== '' && (pathname === root || pathname.startsWith(`${root}/`));
  return isUnder ? pathname.slice(root.length) || '/' : pathname;
}
