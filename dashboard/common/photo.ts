// A photo as a browser makes it small before it is sent: at most 1600 px, and a thumbnail of 320 px beside it.

export interface PreparedPhoto {
  readonly photo: Blob;
  /** Null where the browser could not make one. */
  readonly thumbnail: Blob | null;
}

const longestSidePx = 1600;
const thumbnailPx = 320;

/** Rejects for a file that the browser cannot draw. */
export async function preparePhoto(file: Blob): Promise<PreparedPhoto> {
  const bitmap = await createImageBitmap(file);
  try {
    const photo = await drawn(bitmap, longestSidePx, 0.85);
    return { photo: photo.size < file.size ? photo : file, thumbnail: await drawn(bitmap, thumbnailPx, 0.7) };
  } finally {
    bitmap.close();
  }
}

async function drawn(bitmap: ImageBitmap, longest: number, quality: number): Promise<Blob> {
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return await new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('not drawn'))), 'image/jpeg', quality);
  });
}
