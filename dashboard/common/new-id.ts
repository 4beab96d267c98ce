// Names for commands and requests that nobody else can have.

/** 128 random bits; `crypto.randomUUID` is missing on pages that are served without TLS. */
export function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
