// Headers that tell a browser what pages of this server may do: nothing that they don't need.
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';

/** For every answer, whatever it holds. */
export function setGeneralHeaders(response: ServerResponse, secure: boolean): void {
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('x-frame-options', 'SAMEORIGIN');
  response.setHeader('referrer-policy', 'same-origin');
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('permissions-policy', 'camera=(self), geolocation=(), microphone=(), payment=(), usb=()');
  if (secure) response.setHeader('strict-transport-security', 'max-age=31536000');
}

/**
 * Vuetify and ECharts set inline styles, so `style-src` needs 'unsafe-inline'; icons are data URLs; no script needs more than
 * its own file. A ui-template that compiles in the browser needs 'unsafe-eval' and does not work, on purpose.
 */
export const dashboardPolicy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'self'",
].join('; ');

/** For a page without scripts whose only style is `style`. */
export function plainPagePolicy(style: string): string {
  const hash = createHash('sha256').update(style).digest('base64');
  return [
    "default-src 'none'",
    `style-src 'sha256-${hash}'`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
