// Takes passwords and tokens out of every text that the doctor prints, whatever message a driver made of them.
import type { Environment } from '../environment.ts';

/**
 * Replaces each secret, also where it is percent-encoded, by `***`.
 * @param odooPassword used with an Odoo that the flows name, though the environment names none
 */
export function secretFilter(environment: Environment, odooPassword?: string): (text: string) => string {
  const secrets = [
    environment.odoo?.password ?? '',
    odooPassword?.trim() ?? '',
    environment.apiToken ?? '',
    ...passwordsOf(environment.mqttUrl),
    ...passwordsOf(environment.databaseUrl),
    ...passwordsOf(environment.odoo?.url),
    ...passwordsOf(environment.plcUrl),
  ].filter((secret) => secret !== '');
  const forms = new Set(secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]));
  // The longest first: one secret may be part of another.
  const ordered = [...forms].sort((one, other) => other.length - one.length);
  return (text) => ordered.reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
}

/** The URL for people: without password. */
export function withoutPassword(url: string): string {
  if (!URL.canParse(url)) return url;
  const shown = new URL(url);
  if (shown.password !== '') shown.password = '***';
  if (shown.searchParams.has('password')) shown.searchParams.set('password', '***');
  return shown.href;
}

/** The password of a URL as it is written and as it is meant. */
function passwordsOf(url: string | undefined): string[] {
  if (url === undefined || !URL.canParse(url)) return [];
  const { password, searchParams } = new URL(url);
  return [password, decoded(password), searchParams.get('password') ?? ''];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray percent sign: the text means itself.
    return text;
  }
}
