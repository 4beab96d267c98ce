// Hostile pictures, made by code: what each is, and what must become of it.
import { deflateSync } from 'node:zlib';
import type { UploadFault } from '../../../nodes/attachments/refusals.ts';
import { docx, pdf, zip } from './documents.ts';
import {
  exifSegment,
  gif,
  gifExtension,
  gifFrame,
  jfifSegment,
  jpeg,
  jpegFrame,
  jpegSegment,
  lzwPixels,
  png,
  pngChunk,
  pngHeader,
  pngSignature,
  riff,
  riffChunk,
  vp8x,
  webpAlpha,
  webpAnimated,
  webpLossless,
  webpLossy,
} from './pictures.ts';

export interface HostileFile {
  readonly what: string;
  readonly bytes: Buffer;
  /** The fault it is refused with, or `harmless`: taken, and nothing of `secret` is left in it. */
  readonly expected: UploadFault | 'harmless';
  readonly name?: string;
}

/** Stands in every piece that must not survive. */
export const secret = '<script>alert("SECRET")</script>';
const secretBytes = Buffer.from(secret);
const archive = zip([{ name: 'run.js', body: secretBytes, stored: true }]);

const tails: Readonly<Record<string, Buffer>> = {
  'a web page': Buffer.from(`<!doctype html><body>${secret}</body>`),
  'an archive': archive,
  'a PHP program': Buffer.from(`<?php system($_GET["c"]); // ${secret} ?>`),
  'a shell script': Buffer.from(`\n#!/bin/sh\n# ${secret}\nrm -rf /\n`),
  'a film': Buffer.concat([Buffer.from('\0\0\0\x18ftypmp42'), secretBytes, Buffer.alloc(5000, 7)]),
};

function cutAtEach(what: string, whole: Buffer, places: number): HostileFile[] {
  return Array.from({ length: places }, (_, index) => {
    // From right behind the signature to one byte before the end.
    const at = 20 + Math.floor(((whole.length - 21) * index) / (places - 1));
    return {
      what: `${what} that ends after ${at} of ${whole.length} bytes`,
      bytes: whole.subarray(0, at),
      expected: 'damaged-file',
    };
  });
}

function withTails(what: string, whole: Buffer): HostileFile[] {
  return Object.entries(tails).map(([tail, bytes]) => ({
    what: `${what} with ${tail} behind it`,
    bytes: Buffer.concat([whole, bytes]),
    expected: 'harmless',
  }));
}

function refused(what: string, bytes: Buffer, expected: UploadFault = 'damaged-file'): HostileFile {
  return { what, bytes, expected };
}

const rgb = (width: number, height: number) => Buffer.alloc(height * (1 + width * 3));

export function hostilePngs(): HostileFile[] {
  const withChunk = (type: string, body: Buffer): HostileFile => ({
    what: `PNG with ${type}`,
    bytes: png({ before: [pngChunk(type, body)] }),
    expected: 'harmless',
  });
  const keyword = (more: Buffer) => Buffer.concat([Buffer.from('Comment\0'), more]);
  const broken = (offset: number, what: string) => {
    const bytes = png({ colour: 3, before: [pngChunk('PLTE', Buffer.alloc(6))] });
    const at = offset < 0 ? bytes.length + offset : offset;
    bytes[at] = (bytes[at] ?? 0) ^ 0x55;
    return refused(`PNG with a broken ${what}`, bytes);
  };
  const frameControl = Buffer.alloc(26);
  frameControl.writeUInt32BE(8, 4);
  frameControl.writeUInt32BE(8, 8);
  return [
    ...withTails('PNG', png()),
    withChunk('tEXt', keyword(secretBytes)),
    withChunk('zTXt', keyword(Buffer.concat([Buffer.alloc(1), deflateSync(secretBytes), secretBytes]))),
    withChunk('iTXt', Buffer.concat([Buffer.from('XML:com.adobe.xmp\0\0\0\0\0'), secretBytes])),
    withChunk('eXIf', exifSegment(6, 'MM', secret).subarray(10)),
    withChunk('iCCP', keyword(secretBytes)),
    withChunk('tIME', Buffer.alloc(7)),
    withChunk('pHYs', Buffer.alloc(9)),
    withChunk('sPLT', secretBytes),
    withChunk('cHRM', secretBytes),
    withChunk('prVt', secretBytes),
    withChunk('caBX', Buffer.concat([secretBytes, archive])),
    {
      what: 'PNG that is an animation',
      bytes: png({
        before: [pngChunk('acTL', Buffer.from([0, 0, 0, 2, 0, 0, 0, 0])), pngChunk('fcTL', frameControl)],
        after: [pngChunk('fcTL', frameControl), pngChunk('fdAT', secretBytes)],
      }),
      expected: 'harmless',
    },
    {
      what: 'PNG with a comment behind the pixels',
      bytes: png({ after: [pngChunk('tEXt', keyword(secretBytes))] }),
      expected: 'harmless',
    },
    ...cutAtEach(
      'PNG',
      png({ width: 40, height: 40, rows: Buffer.from(rgb(40, 40).map((_, i) => (i % 121 === 0 ? 0 : i * 7))) }),
      14,
    ),
    broken(29, 'checksum of the header'),
    broken(45, 'checksum of the palette'),
    broken(-1, 'checksum of the end'),
    broken(-17, 'checksum of the pixels'),
    refused('PNG without height', png({ width: 8, height: 0, rows: Buffer.alloc(0) })),
    refused('PNG without width', png({ width: 0, height: 8, rows: Buffer.alloc(8) })),
    refused('PNG 16,385 pixels wide', png({ width: 16_385, height: 1 }), 'picture-too-large'),
    refused('PNG 16,385 pixels high', png({ width: 1, height: 16_385 }), 'picture-too-large'),
    refused(
      'PNG with 100 megapixels',
      png({ width: 10_000, height: 10_000, rows: Buffer.alloc(10) }),
      'picture-too-large',
    ),
    refused(
      'PNG with the largest header',
      png({ width: 0xffffffff, height: 0xffffffff, rows: Buffer.alloc(10) }),
      'picture-too-large',
    ),
    refused('PNG bomb: 60 MB behind a header of 64 pixels', png({ rows: Buffer.alloc(60_000_000) })),
    refused('PNG that unpacks to one byte more', png({ rows: Buffer.alloc(8 * 25 + 1) })),
    refused('PNG that unpacks to one byte less', png({ rows: Buffer.alloc(8 * 25 - 1) })),
    refused(
      'PNG with a header of 49 megapixels and no pixels',
      png({ width: 7000, height: 7000, rows: Buffer.alloc(100) }),
    ),
    refused(
      'PNG with a program behind its packed pixels',
      png({ pixels: pngChunk('IDAT', Buffer.concat([deflateSync(rgb(8, 8)), secretBytes])) }),
    ),
    refused(
      'PNG with a program in an IDAT of its own',
      png({ pixels: Buffer.concat([pngChunk('IDAT', deflateSync(rgb(8, 8))), pngChunk('IDAT', secretBytes)]) }),
    ),
    refused(
      'PNG with pixels in two places',
      png({ after: [pngChunk('tEXt', keyword(secretBytes)), pngChunk('IDAT', secretBytes)] }),
    ),
    refused('PNG with pixels that are no packed data', png({ pixels: pngChunk('IDAT', secretBytes) })),
    refused('PNG with empty pixels', png({ pixels: pngChunk('IDAT') })),
    refused('PNG without pixels', png({ pixels: Buffer.alloc(0) })),
    refused('PNG with a filter that does not exist', png({ rows: rgb(8, 8).fill(9, 0, 1) })),
    refused('PNG with two headers', png({ before: [pngHeader(9, 9)] })),
    refused('PNG with an unknown necessary chunk', png({ before: [pngChunk('EVIL', secretBytes)] })),
    refused('PNG with a chunk named by control characters', png({ before: [pngChunk('\0\x01\x02\x03', secretBytes)] })),
    refused(
      'PNG with a chunk of 2 GB',
      Buffer.concat([pngSignature, pngHeader(8, 8), Buffer.from([0x7f, 0xff, 0xff, 0xff]), Buffer.from('IDAT')]),
    ),
    refused(
      'PNG with a chunk of 4 GB',
      Buffer.concat([
        pngSignature,
        pngHeader(8, 8),
        Buffer.from([0xff, 0xff, 0xff, 0xff]),
        Buffer.from('tEXt'),
        secretBytes,
      ]),
    ),
    refused('PNG with 25,000 empty chunks', png({ before: Array.from({ length: 25_000 }, () => pngChunk('tEXt')) })),
    refused('PNG with a palette of 257 colours', png({ colour: 3, before: [pngChunk('PLTE', Buffer.alloc(771))] })),
    refused('PNG with a palette of half a colour', png({ colour: 3, before: [pngChunk('PLTE', Buffer.alloc(5))] })),
    refused('PNG without its palette', png({ colour: 3 })),
    refused('PNG of colour type 5', png({ colour: 5 })),
    refused('PNG with 3 bits a colour', png({ depth: 3 })),
    refused('PNG with an interlacing that does not exist', png({ interlace: 2 })),
    refused(
      'PNG whose header is not the first',
      Buffer.concat([pngSignature, pngChunk('tEXt', secretBytes), png().subarray(8)]),
    ),
    refused('PNG that is a signature and a web page', Buffer.concat([pngSignature, secretBytes])),
    refused(
      'PNG with line ends turned',
      Buffer.from(png().toString('latin1').replace('\r\n', '\n'), 'latin1'),
      'unknown-file-type',
    ),
  ];
}

export function hostileJpegs(): HostileFile[] {
  const withSegment = (what: string, ...segments: Buffer[]): HostileFile => ({
    what: `JPEG with ${what}`,
    bytes: jpeg({ segments }),
    expected: 'harmless',
  });
  const application = (number: number, text: string) =>
    jpegSegment(0xe0 + number, Buffer.concat([Buffer.from(text, 'latin1'), secretBytes]));
  const rawLength = (marker: number, length: number) =>
    Buffer.concat([Buffer.from([0xff, marker, length >> 8, length & 255]), secretBytes]);
  const scan = Buffer.concat([jpegSegment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])), Buffer.from([0])]);
  return [
    ...withTails('JPEG', jpeg()),
    {
      what: 'JPEG with a second JPEG behind it',
      bytes: Buffer.concat([jpeg(), jpeg({ segments: [jpegSegment(0xfe, secretBytes)] })]),
      expected: 'harmless',
    },
    withSegment('Exif: place, camera, orientation 6', exifSegment(6, 'MM', secret)),
    withSegment('Exif in the other byte order', exifSegment(8, 'II', secret)),
    withSegment('Exif twice', exifSegment(3, 'MM', secret), exifSegment(5, 'II', secret)),
    withSegment('an impossible orientation', exifSegment(77, 'MM', secret)),
    withSegment('Exif that is cut', jpegSegment(0xe1, exifSegment(6, 'MM', secret).subarray(4, 22))),
    withSegment(
      'Exif whose directory is far away',
      jpegSegment(0xe1, Buffer.concat([Buffer.from('Exif\0\0MM\0*\xff\xff\xff\xff', 'latin1'), secretBytes])),
    ),
    withSegment('XMP', application(1, 'http://ns.adobe.com/xap/1.0/\0')),
    withSegment('IPTC', application(13, 'Photoshop 3.0\0')),
    withSegment('an ICC profile', application(2, 'ICC_PROFILE\0\x01\x01')),
    withSegment('several pictures in one', application(2, 'MPF\0')),
    withSegment('a JFIF thumbnail', jfifSegment, application(0, 'JFXX\0\x10')),
    withSegment('a comment', jpegSegment(0xfe, secretBytes)),
    withSegment('a comment that is a web page', jpegSegment(0xfe, tails['a web page'] ?? secretBytes)),
    withSegment('an archive in a comment', jpegSegment(0xfe, archive)),
    withSegment('data of a camera', application(15, 'DJI')),
    withSegment('64 KB of comment', jpegSegment(0xfe, Buffer.concat([secretBytes, Buffer.alloc(65_000, 60)]))),
    withSegment(
      'an Adobe segment that carries more',
      jpegSegment(0xee, Buffer.concat([Buffer.from('Adobe\0\x64\0\0\0\0\x01', 'latin1'), secretBytes])),
    ),
    withSegment('a thousand comments', ...Array.from({ length: 1_000 }, () => jpegSegment(0xfe, secretBytes))),
    {
      what: 'JPEG whose JFIF length makes it a script',
      bytes: jpeg({
        segments: [
          jpegSegment(
            0xe0,
            Buffer.concat([Buffer.from('JFIF\0\x01\x01'), Buffer.from(`*/=1;${secret}/*`), Buffer.alloc(0x2f2a - 40)]),
          ),
        ],
      }),
      expected: 'harmless',
    },
    ...cutAtEach('JPEG', jpeg({ width: 640, height: 480, segments: [jfifSegment, exifSegment(6)] }), 14),
    refused('JPEG without its end', jpeg({ end: Buffer.alloc(0) })),
    refused('JPEG without pixels', jpeg({ entropy: Buffer.alloc(0) })),
    refused('JPEG that is a beginning and an end', Buffer.from([0xff, 0xd8, 0xff, 0xd9])),
    refused('JPEG with a segment of length 0', jpeg({ segments: [rawLength(0xe1, 0)] })),
    refused('JPEG with a segment of length 1', jpeg({ segments: [rawLength(0xe1, 1)] })),
    refused('JPEG with a segment that reaches behind the end', jpeg({ segments: [rawLength(0xe1, 0xffff)] })),
    refused('JPEG with a web page between segments', jpeg({ segments: [jfifSegment, secretBytes] })),
    refused('JPEG with 2,000 fill bytes', jpeg({ segments: [Buffer.alloc(2_000, 0xff)] })),
    refused('JPEG with a restart outside its pixels', jpeg({ segments: [Buffer.from([0xff, 0xd3])] })),
    refused('JPEG with a beginning in its middle', jpeg({ segments: [Buffer.from([0xff, 0xd8])] })),
    refused('JPEG with an unknown marker', jpeg({ segments: [jpegSegment(0x02, secretBytes)] })),
    refused(
      'JPEG with 3,000 segments',
      jpeg({ segments: Array.from({ length: 3_000 }, () => jpegSegment(0xfe, Buffer.alloc(1))) }),
    ),
    refused('JPEG without height', jpeg({ frame: jpegFrame(16, 0) })),
    refused('JPEG without width', jpeg({ frame: jpegFrame(0, 16) })),
    refused('JPEG 65,535 pixels wide', jpeg({ frame: jpegFrame(65_535, 1) }), 'picture-too-large'),
    refused('JPEG 65,500 pixels each way', jpeg({ frame: jpegFrame(65_500, 65_500) }), 'picture-too-large'),
    refused('JPEG with 100 megapixels', jpeg({ frame: jpegFrame(10_000, 10_000) }), 'picture-too-large'),
    refused('JPEG with two frames', jpeg({ segments: [jpegSegment(0xc0, jpegFrame(8, 8))] })),
    refused('JPEG without a frame', jpeg({ frameMarker: 0xfe })),
    refused('JPEG with 12 bits', jpeg({ frame: Buffer.from([12, 0, 16, 0, 16, 1, 1, 0x11, 0]) })),
    refused(
      'JPEG with five components',
      jpeg({ frame: Buffer.concat([Buffer.from([8, 0, 16, 0, 16, 5]), Buffer.alloc(15, 0x11)]) }),
    ),
    refused('JPEG without components', jpeg({ frame: Buffer.from([8, 0, 16, 0, 16, 0]) })),
    refused(
      'JPEG with the same component three times',
      jpeg({ frame: Buffer.from([8, 0, 16, 0, 16, 3, 1, 0x11, 0, 1, 0x11, 0, 1, 0x11, 0]) }),
    ),
    refused('JPEG with a frame that carries more', jpeg({ frame: Buffer.concat([jpegFrame(16, 16), secretBytes]) })),
    refused('JPEG without sampling', jpeg({ frame: Buffer.from([8, 0, 16, 0, 16, 1, 1, 0, 0]) })),
    refused('lossless JPEG', jpeg({ frameMarker: 0xc3 })),
    refused('arithmetic JPEG', jpeg({ frameMarker: 0xc9 })),
    refused('hierarchical JPEG', jpeg({ frameMarker: 0xc5 })),
    refused(
      'JPEG with a Huffman table of 300 codes',
      jpeg({
        segments: [jpegSegment(0xc4, Buffer.concat([Buffer.from([0]), Buffer.alloc(16, 19), Buffer.alloc(304)]))],
      }),
    ),
    refused(
      'JPEG with a Huffman table that carries more',
      jpeg({ segments: [jpegSegment(0xc4, Buffer.concat([Buffer.alloc(17), secretBytes]))] }),
    ),
    refused(
      'JPEG with a quantization table that carries more',
      jpeg({ segments: [jpegSegment(0xdb, Buffer.concat([Buffer.alloc(65), secretBytes]))] }),
    ),
    refused('JPEG with a quantization table 9', jpeg({ segments: [jpegSegment(0xdb, Buffer.alloc(65, 9))] })),
    refused('JPEG with a restart interval that carries more', jpeg({ segments: [jpegSegment(0xdd, secretBytes)] })),
    refused('JPEG with a scan of an unknown component', jpeg({ scan: Buffer.from([1, 9, 0, 0, 63, 0]) })),
    refused(
      'JPEG with a scan that carries more',
      jpeg({ scan: Buffer.concat([Buffer.from([1, 1, 0, 0, 63, 0]), secretBytes]) }),
    ),
    refused(
      'JPEG with 200 scans',
      jpeg({ end: Buffer.concat([...Array.from({ length: 200 }, () => scan), Buffer.from([0xff, 0xd9])]) }),
    ),
  ];
}

export function hostileGifs(): HostileFile[] {
  const withBlock = (what: string, ...before: Buffer[]): HostileFile => ({
    what: `GIF with ${what}`,
    bytes: gif({ before }),
    expected: 'harmless',
  });
  const javascript = gif({
    width: 0x2a2f,
    height: 8,
    frame: gifFrame(8, 8),
    after: [gifExtension(0xfe, Buffer.from(`*/=1;${secret}//`))],
  });
  const loop = gifExtension(0xff, Buffer.from('NETSCAPE2.0'), Buffer.from([1, 0, 0]));
  return [
    ...withTails('GIF', gif()),
    { what: 'GIF that is a script by its width', bytes: javascript, expected: 'harmless' },
    withBlock('a comment', gifExtension(0xfe, secretBytes)),
    withBlock('XMP', gifExtension(0xff, Buffer.from('XMP DataXMP'), secretBytes)),
    withBlock('an ICC profile', gifExtension(0xff, Buffer.from('ICCRGBG1012'), secretBytes)),
    withBlock('text to be drawn', gifExtension(0x01, Buffer.alloc(12), secretBytes)),
    withBlock('an unknown extension', gifExtension(0x77, secretBytes)),
    withBlock('a control that carries more', gifExtension(0xf9, Buffer.concat([Buffer.alloc(4), secretBytes]))),
    {
      what: 'GIF film of 500 frames',
      bytes: gif({
        before: [loop],
        after: Array.from({ length: 500 }, () =>
          Buffer.concat([
            gifExtension(0xf9, Buffer.from([0, 1, 0, 0])),
            gifExtension(0xfe, secretBytes),
            gifFrame(8, 8),
          ]),
        ),
      }),
      expected: 'harmless',
    },
    refused('GIF with 30,000 blocks', gif({ after: Array.from({ length: 30_000 }, () => gifExtension(0xfe)) })),
    ...cutAtEach('GIF', gif({ width: 60, height: 60, before: [loop] }), 12),
    refused('GIF without its end', gif({ end: Buffer.alloc(0) })),
    refused('GIF without a frame', gif({ frame: Buffer.alloc(0) })),
    refused('GIF without width', gif({ width: 0, frame: gifFrame(8, 8) })),
    refused('GIF with an empty frame', gif({ frame: gifFrame(0, 0) })),
    refused(
      'GIF 65,535 pixels each way',
      gif({ width: 65_535, height: 65_535, frame: gifFrame(8, 8) }),
      'picture-too-large',
    ),
    refused('GIF with a frame larger than its canvas', gif({ frame: gifFrame(65_535, 65_535, lzwPixels(64)) })),
    refused('GIF with a frame beside its canvas', gif({ frame: gifFrame(8, 8, lzwPixels(64), 5, 5) })),
    refused('GIF with too many pixels', gif({ frame: gifFrame(8, 8, lzwPixels(65)) })),
    refused('GIF with too few pixels', gif({ frame: gifFrame(8, 8, lzwPixels(63)) })),
    refused(
      'GIF with a program behind its pixels',
      gif({ frame: gifFrame(8, 8, lzwPixels(64, { after: secretBytes })) }),
    ),
    refused('GIF with a program in place of pixels', gif({ frame: gifFrame(8, 8, secretBytes) })),
    refused(
      'GIF with colours of 12 bits',
      gif({ frame: Buffer.concat([gifFrame(8, 8).subarray(0, 10), Buffer.from([12, 0])]) }),
    ),
    refused('GIF with an unknown block', gif({ before: [Buffer.concat([Buffer.from([0x40]), secretBytes])] })),
    refused(
      'GIF that is a header and a web page',
      Buffer.concat([Buffer.from('GIF89a'), secretBytes]),
      'picture-too-large',
    ),
    refused(
      'GIF of a version that does not exist',
      Buffer.concat([Buffer.from('GIF90a'), gif().subarray(6)]),
      'unknown-file-type',
    ),
  ];
}

export function hostileWebps(): HostileFile[] {
  const lossy = webpLossy.subarray(12);
  const lossless = webpLossless.subarray(12);
  const changed = (bytes: Buffer, at: number, ...values: number[]) => {
    const copy = Buffer.from(bytes);
    copy.set(values, at);
    return copy;
  };
  const withChunk = (type: string, flags: number): HostileFile => ({
    what: `WebP with ${type}`,
    bytes: riff(vp8x(flags, 1, 1), lossy, riffChunk(type, secretBytes)),
    expected: 'harmless',
  });
  const frame = Buffer.concat([Buffer.alloc(16), lossless]);
  const losslessHeader = (width: number, height: number) => {
    const body = Buffer.from(lossless.subarray(8));
    body.writeUInt32LE(((width - 1) | ((height - 1) << 14)) >>> 0, 1);
    return riff(riffChunk('VP8L', body));
  };
  return [
    ...withTails('WebP', webpLossy),
    withChunk('EXIF', 0x08),
    withChunk('XMP ', 0x04),
    withChunk('ICCP', 0x20),
    withChunk('evil', 0),
    {
      what: 'WebP whose every chunk carries something',
      bytes: riff(
        vp8x(0x2c, 1, 1),
        riffChunk('ICCP', secretBytes),
        riffChunk('junk', archive),
        lossy,
        riffChunk('EXIF', secretBytes),
        riffChunk('XMP ', secretBytes),
      ),
      expected: 'harmless',
    },
    { what: 'WebP film', bytes: webpAnimated, expected: 'harmless' },
    {
      what: 'WebP film of 1,000 frames with comments',
      bytes: riff(
        vp8x(0x02, 1, 1),
        riffChunk('ANIM', Buffer.alloc(6)),
        ...Array.from({ length: 1_000 }, () =>
          riffChunk('ANMF', Buffer.concat([frame, riffChunk('junk', secretBytes)])),
        ),
      ),
      expected: 'harmless',
    },
    refused(
      'WebP with 10,000 chunks',
      riff(lossy, ...Array.from({ length: 10_000 }, () => riffChunk('junk', Buffer.alloc(0)))),
    ),
    ...cutAtEach('WebP', webpAlpha, 8),
    refused('WebP that says it is longer', changed(webpLossy, 4, 0xff, 0xff)),
    refused('WebP that says it is empty', changed(webpLossy, 4, 4, 0)),
    refused('WebP with a chunk of 4 GB', changed(webpLossy, 16, 0xff, 0xff, 0xff, 0xff)),
    refused('WebP without a picture', riff(vp8x(0, 1, 1), riffChunk('EXIF', secretBytes))),
    refused('WebP with two pictures', riff(lossy, lossy)),
    refused(
      'WebP with two transparencies',
      riff(vp8x(0x10, 1, 1), riffChunk('ALPH', secretBytes), riffChunk('ALPH', secretBytes), lossy),
    ),
    refused('WebP whose sizes contradict each other', riff(vp8x(0, 500, 500), lossy)),
    refused('WebP that is no key frame', changed(webpLossy, 20, (webpLossy[20] ?? 0) | 1)),
    refused('WebP without its start code', changed(webpLossy, 23, 1, 2, 3)),
    refused('WebP whose first part is longer than itself', changed(webpLossy, 21, 0xff, 0xff)),
    refused('WebP without width', changed(webpLossy, 26, 0, 0)),
    refused('WebP with 120 megapixels', changed(webpLossy, 26, 0xff, 0x3f, 0x00, 0x1d), 'picture-too-large'),
    refused('lossless WebP 16,384 pixels each way', losslessHeader(16_384, 16_384), 'picture-too-large'),
    refused(
      'WebP film with a canvas of 16 million pixels a side',
      riff(vp8x(0x02, 1 << 24, 1 << 24), riffChunk('ANMF', frame)),
      'picture-too-large',
    ),
    refused('lossless WebP of another version', changed(webpLossless, 24, 0xff)),
    refused('WebP film with an empty frame', riff(vp8x(0x02, 1, 1), riffChunk('ANMF', Buffer.alloc(16)))),
    refused(
      'WebP that is a header and a web page',
      Buffer.concat([Buffer.from('RIFF\x40\0\0\0WEBP', 'latin1'), secretBytes]),
    ),
  ];
}

/** Whole pictures of every kind, and documents: all must be taken. */
export function goodFiles(): readonly { readonly what: string; readonly bytes: Buffer }[] {
  const pngs = (
    [
      [0, [1, 2, 4, 8, 16]],
      [2, [8, 16]],
      [3, [1, 2, 4, 8]],
      [4, [8, 16]],
      [6, [8, 16]],
    ] as const
  ).flatMap(([colour, depths]) =>
    depths.map((depth) => ({
      what: `PNG of colour type ${colour} with ${depth} bits`,
      bytes: png({
        width: 9,
        height: 5,
        colour,
        depth,
        before: colour === 3 ? [pngChunk('PLTE', Buffer.alloc(6, 200))] : [],
      }),
    })),
  );
  const samples = 9 * 7 * 3 + 3 * 30;
  return [
    ...pngs,
    { what: 'PNG with transparency', bytes: png({ before: [pngChunk('tRNS', Buffer.alloc(6))] }) },
    {
      what: 'PNG with gamma',
      bytes: png({ before: [pngChunk('gAMA', Buffer.from([0, 0, 0xb1, 0x8f])), pngChunk('sRGB', Buffer.alloc(1))] }),
    },
    { what: 'interlaced PNG of one pixel', bytes: png({ width: 1, height: 1, interlace: 1 }) },
    { what: 'interlaced PNG', bytes: png({ width: 8, height: 8, interlace: 1, rows: interlacedRows(8, 8) }) },
    {
      what: 'PNG in many pieces',
      bytes: png({
        pixels: Buffer.concat(
          [...deflateSync(Buffer.alloc(8 * 25))].map((byte) => pngChunk('IDAT', Buffer.from([byte]))),
        ),
      }),
    },
    { what: 'JPEG', bytes: jpeg({ width: 100, height: 75 }) },
    {
      what: 'JPEG with JFIF and fill bytes',
      bytes: jpeg({
        segments: [jfifSegment, Buffer.from([0xff, 0xff, 0xff]), jpegSegment(0xfe, Buffer.alloc(samples))],
      }),
    },
    { what: 'JPEG with orientation', bytes: jpeg({ width: 40, height: 20, segments: [exifSegment(6)] }) },
    { what: 'GIF', bytes: gif() },
    { what: 'GIF of the old version', bytes: gif({ version: '87a' }) },
    {
      what: 'transparent GIF with a frame in its middle',
      bytes: gif({
        width: 20,
        height: 20,
        before: [gifExtension(0xf9, Buffer.from([1, 0, 0, 2]))],
        frame: gifFrame(8, 8, lzwPixels(64), 4, 4),
      }),
    },
    { what: 'GIF without an end code', bytes: gif({ frame: gifFrame(8, 8, lzwPixels(64, { end: false })) }) },
    { what: 'lossy WebP', bytes: webpLossy },
    { what: 'lossless WebP', bytes: webpLossless },
    { what: 'WebP with transparency', bytes: webpAlpha },
    { what: 'DOCX', bytes: docx() },
    {
      what: 'DOCX with a link and a picture from elsewhere',
      bytes: docx([
        {
          name: 'word/_rels/document.xml.rels',
          body: Buffer.from(
            '<Relationships><Relationship Id="a" Type="http://x/relationships/hyperlink" Target="http://x" TargetMode="External"/><Relationship Id="b" TargetMode="External" Type="http://x/relationships/image" Target="http://x"/><Relationship Id="c" Type="http://x/relationships/styles" Target="styles.xml"/></Relationships>',
          ),
        },
      ]),
    },
    {
      what: 'ZIP with an archive in it',
      bytes: zip([
        { name: 'a.zip', body: archive, stored: true },
        { name: 'folder/', stored: true },
      ]),
    },
    {
      what: 'ZIP whose sizes come behind its data',
      bytes: zip([
        {
          name: 'a.txt',
          body: Buffer.from('text'),
          says: { flags: 8 },
          local: { checksum: 0, packed: 0, unpacked: 0 },
          behind: Buffer.alloc(16),
        },
      ]),
    },
    {
      what: 'ZIP with a name in two writings',
      bytes: zip([
        {
          name: 'a.txt',
          body: Buffer.from('text'),
          extra: Buffer.concat([Buffer.from([0x75, 0x70, 9, 0, 1, 0, 0, 0, 0]), Buffer.from('bahn')]),
        },
      ]),
    },
    { what: 'PDF', bytes: pdf() },
    {
      what: 'PDF with packed objects',
      bytes: pdf({
        objects: [
          Buffer.concat([
            Buffer.from('<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode >>\nstream\n'),
            deflateSync(Buffer.from('5 0 << /Type /Font >>')),
            Buffer.from('\nendstream'),
          ]),
        ],
      }),
    },
  ];
}

function interlacedRows(width: number, height: number): Buffer {
  const passes = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
  ] as const;
  const bytes = passes.reduce((sum, [x, y, across, down]) => {
    const columns = Math.ceil((width - x) / across);
    return sum + (columns > 0 ? Math.ceil((height - y) / down) * (1 + columns * 3) : 0);
  }, 0);
  return Buffer.alloc(bytes);
}
