// The one thing worth keeping of a photo's metadata: which way is up (Exif 2.32, tag 0x0112).

const orientationTag = 0x0112;
const shortType = 3;
const exifName = Buffer.from('Exif\0\0', 'latin1');

/** 1 to 8 as in Exif; 1 (as it is) for whatever can't be read. @param body of an APP1 segment */
export function exifOrientation(body: Buffer): number {
  if (!body.subarray(0, 6).equals(exifName)) return 1;
  const tiff = body.subarray(6);
  const order = tiff.toString('latin1', 0, 2);
  if (tiff.length < 8 || (order !== 'II' && order !== 'MM')) return 1;
  const short = (at: number) => (order === 'II' ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const directory = order === 'II' ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (directory + 2 > tiff.length) return 1;
  const entries = short(directory);
  for (let entry = 0; entry < entries; entry += 1) {
    const at = directory + 2 + entry * 12;
    if (at + 12 > tiff.length) return 1;
    if (short(at) !== orientationTag) continue;
    const value = short(at + 2) === shortType ? short(at + 8) : 1;
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

/** A whole APP1 segment that says nothing but the orientation. */
export function orientationSegment(orientation: number): Buffer {
  const entry = [0x01, 0x12, 0, shortType, 0, 0, 0, 1, 0, orientation, 0, 0];
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, ...entry, 0, 0, 0, 0];
  const length = 2 + exifName.length + tiff.length;
  return Buffer.from([0xff, 0xe1, length >> 8, length & 255, ...exifName, ...tiff]);
}
