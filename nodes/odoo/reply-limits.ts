// How large, how deep and how full an answer of Odoo may be, whatever its protocol; a hostile one goes no further.

/** Deeper than any of Odoo's values. */
export const maximumDepth = 200;

/** A thousand orders of fifteen components are some 600,000 elements of XML. */
export const maximumElements = 2_000_000;

/** Text of one slice of a list, or of one value that is no list: read at once by the main thread. */
export const maximumSliceChars = 4 * 1024 * 1024;

/** A fault in words, or undefined for JSON that keeps the limits; says nothing about whether it is well-formed. */
export function jsonFault(bytes: Uint8Array): string | undefined {
  let depth = 0;
  let elements = 0;
  let inText = false;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (inText) {
      if (byte === backslash) index += 1;
      else if (byte === quote) inText = false;
    } else if (byte === quote) inText = true;
    else if (byte === comma) elements += 1;
    else if (byte === openList || byte === openObject) {
      depth += 1;
      elements += 1;
      if (depth > maximumDepth) return `deeper than ${maximumDepth} levels`;
    } else if (byte === closeList || byte === closeObject) depth -= 1;
    if (elements > maximumElements) return `of more than ${maximumElements} elements`;
  }
  return undefined;
}

const [quote, backslash, comma, openList, closeList, openObject, closeObject] = [
  0x22, 0x5c, 0x2c, 0x5b, 0x5d, 0x7b, 0x7d,
];
