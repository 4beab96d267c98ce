// How large a picture may be before anybody's browser has to unpack it.
import { damaged, FileRefused } from './refusals.ts';

/** 50 megapixels are 200 MB unpacked: what a tablet of the shop floor can still show. ASVS 5.0, 5.2.6. */
const mostPixels = 50_000_000;
/** WebP's own limit for a side, and that of most canvases. */
const longestSide = 16_384;

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

export function checkPictureSize(width: number, height: number): PictureSize {
  if (width === 0 || height === 0) throw damaged('the picture has no size');
  if (width > longestSide || height > longestSide) {
    throw new FileRefused('picture-too-large', `${width} x ${height} pixels; a side has at most ${longestSide}`);
  }
  if (width * height > mostPixels) {
    throw new FileRefused('picture-too-large', `${width} x ${height} pixels; at most ${mostPixels / 1e6} megapixels`);
  }
  return { width, height };
}
