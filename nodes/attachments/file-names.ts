// The sender's name for a file, made fit for showing and for a download: no path, nothing invisible, an ending that tells the truth.
import type { DocumentType, PhotoType } from './messages.ts';

const longestName = 150;

/** Endings that a type may have; the first is added where the name has none of them. */
const endings: Readonly<Record<PhotoType | DocumentType, readonly string[]>> = {
  'image/png': ['png'],
  'image/jpeg': ['jpg', 'jpeg'],
  'image/gif': ['gif'],
  'image/webp': ['webp'],
  'application/pdf': ['pdf'],
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': ['docx'],
  // Tables and slides of office programs are ZIP archives.
  'application/zip': ['zip', 'xlsx', 'pptx', 'odt', 'ods'],
};

/** @param given the name as it came; undefined and unusable ones become `photo` or `document` */
export function shownName(given: string | undefined, type: PhotoType | DocumentType): string {
  const lastPart = (given ?? '').split(/[\\/]/).at(-1) ?? '';
  // Controls, separators of lines, and marks that turn the direction of text: "photo‮gpj.exe" must not read as a photo.
  const visible = lastPart
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, '')
    .replace(/[<>:"|?*;%]/g, '_')
    .replace(/\s+/g, ' ')
    .replace(/^[\s.]+|[\s.]+$/g, '');
  const stem = visible === '' ? (type.startsWith('image/') ? 'photo' : 'document') : visible;
  const [ending = ''] = endings[type];
  const known = endings[type].some((each) => stem.toLowerCase().endsWith(`.${each}`));
  if (known) return shorten(stem, longestName);
  return `${shorten(stem, longestName - ending.length - 1)}.${ending}`;
}

/** Shortens before the ending, and never within a character. */
function shorten(name: string, longest: number): string {
  if (name.length <= longest) return name;
  const dot = name.lastIndexOf('.');
  const ending = dot > 0 && name.length - dot <= 6 ? name.slice(dot) : '';
  let start = '';
  for (const character of name) {
    if (start.length + character.length + ending.length > longest) break;
    start += character;
  }
  return `${start}${ending}`;
}

/** RFC 6266: a plain name for old programs, and the real one in UTF-8. */
export function contentDisposition(kind: 'inline' | 'attachment', name: string): string {
  const plain = name.replace(/[^ -~]/g, '_').replace(/["\\]/g, '_');
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
