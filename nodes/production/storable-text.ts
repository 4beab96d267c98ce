// Outside text as both databases take it.

const lonely = /\p{Surrogate}/gu;

/** PostgreSQL stores no NUL, and half a surrogate pair is no text anywhere. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').replace(lonely, '\uFFFD');
}
