// A photo as a browser makes it small before it is sent: at most 1600 px, the right way up, and a thumbnail of 320 px beside it.

export interface PreparedPhoto {
  readonly photo: Blob;
  /** Null for a picture that is no larger than a thumbnail itself. */
  readonly thumbnail: Blob | null;
}

/** The browser can not draw it: a HEIC photo outside of Safari, a broken file, no picture at all. */
export class UnreadablePhoto extends Error {
  /** `heic` has an advice of its own: let the camera save JPEG ("most compatible"). */
  readonly reason: 'heic' | 'unreadable';

  constructor(reason: 'heic' | 'unreadable', cause?: unknown) {
    super(`the photo can not be read (${reason})`, { cause });
    this.name = 'UnreadablePhoto';
    this.reason = reason;
  }
}

const longestSidePx = 1600;
const thumbnailPx = 320;
/** A picture of the right size and no more bytes than this is sent as it is: a screenshot stays sharp. */
const smallBytes = 1_000_000;
/** What the server takes as it is; anything else that the browser can draw becomes a JPEG. */
const takenTypes: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif']);

/** Rejects with an UnreadablePhoto. */
export async function preparePhoto(file: Blob): Promise<PreparedPhoto> {
  let bitmap: ImageBitmap;
  try {
    // Turned the way up that its camera noted.
    bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  } catch (error) {
    throw new UnreadablePhoto((await isHeic(file)) ? 'heic' : 'unreadable', error);
  }
  try {
    const longest = Math.max(bitmap.width, bitmap.height);
    const isTaken = takenTypes.has(file.type) && longest <= longestSidePx;
    const thumbnail = longest > thumbnailPx ? await drawn(bitmap, thumbnailPx, 0.7) : null;
    if (isTaken && file.size <= smallBytes) return { photo: file, thumbnail };
    const photo = await drawn(bitmap, longestSidePx, 0.85);
    return { photo: isTaken && file.size <= photo.size ? file : photo, thumbnail };
  } finally {
    bitmap.close();
  }
}

async function drawn(bitmap: ImageBitmap, longest: number, quality: number): Promise<Blob> {
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext('2d');
  if (!context) throw new UnreadablePhoto('unreadable');
  // JPEG knows no transparency; without paper it would become black.
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return await new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new UnreadablePhoto('unreadable'))), 'image/jpeg', quality);
  });
}

/** ISO base media files name their brand behind `ftyp`. */
async function isHeic(file: Blob): Promise<boolean> {
  const head = new TextDecoder('latin1').decode(await file.slice(4, 12).arrayBuffer());
  return /^ftyp(heic|heix|heim|heis|hevc|hevx|mif1|msf1)/.test(head);
}
