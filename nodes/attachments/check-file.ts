// What a file is by its first bytes, and its clean copy: photos are rewritten, documents are copied once they have been looked at.
import { type ByteSink, type ByteSource, SourceReader } from './byte-source.ts';
import { checkPdf } from './check-pdf.ts';
import { checkZip } from './check-zip.ts';
import { cleanGif } from './clean-gif.ts';
import { cleanJpeg } from './clean-jpeg.ts';
import { cleanPng, pngSignature } from './clean-png.ts';
import { cleanWebp } from './clean-webp.ts';
import type { DocumentType, PhotoType } from './messages.ts';
import type { PictureSize } from './picture-size.ts';
import { FileRefused } from './refusals.ts';

export type CheckedContent =
  | ({ readonly kind: 'photo'; readonly type: PhotoType } & PictureSize)
  | { readonly kind: 'document'; readonly type: DocumentType };

/** Writes to `sink` what may be kept of `source`; rejects with a FileRefused, and then what was written is worth nothing. */
export async function checkFile(source: ByteSource, sink: ByteSink): Promise<CheckedContent> {
  const head = await source.read(0, 16);
  const text = head.toString('latin1');
  if (head.subarray(0, 8).equals(pngSignature)) {
    return { kind: 'photo', type: 'image/png', ...(await cleanPng(source, sink)) };
  }
  if (text.startsWith('\xff\xd8\xff')) return { kind: 'photo', type: 'image/jpeg', ...(await cleanJpeg(source, sink)) };
  if (/^GIF8[79]a/.test(text)) return { kind: 'photo', type: 'image/gif', ...(await cleanGif(source, sink)) };
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP')
    return { kind: 'photo', type: 'image/webp', ...(await cleanWebp(source, sink)) };
  if (text.startsWith('%PDF-')) {
    await checkPdf(source);
    await copyWhole(source, sink);
    return { kind: 'document', type: 'application/pdf' };
  }
  if (text.startsWith('PK\x03\x04')) {
    const type = await checkZip(source);
    await copyWhole(source, sink);
    return { kind: 'document', type };
  }
  throw new FileRefused('unknown-file-type', `it is ${guess(text)}; taken are PNG, JPEG, GIF, WebP, PDF, DOCX and ZIP`);
}

async function copyWhole(source: ByteSource, sink: ByteSink): Promise<void> {
  await new SourceReader(source).copy(source.size, sink, 'itself');
}

/** A word for the person who chose the file; decides nothing. */
function guess(text: string): string {
  if (/^.{4}ftyp(heic|heix|heif|mif1|msf1|hevc)/s.test(text)) return 'a HEIC photo';
  if (/^.{4}ftypavif/s.test(text)) return 'an AVIF picture';
  if (/^\s*<\?xml|^\s*<svg/i.test(text)) return 'an SVG or XML file';
  if (/^\s*<(!doctype|html|head|body|script)/i.test(text)) return 'a web page';
  if (text.startsWith('MZ') || text.startsWith('\x7fELF')) return 'a program';
  if (text.startsWith('BM')) return 'a BMP picture';
  if (text.startsWith('II*\0') || text.startsWith('MM\0*')) return 'a TIFF picture';
  return 'of a kind that is not known here';
}
