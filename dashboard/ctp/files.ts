// Photos and documents that a person picked, ready to be sent as the upload route wants them.
import type { PhotoRole } from '../../nodes/ctp/messages.ts';
import { preparePhoto } from '../common/photo.ts';

/** A picked file, made small where it is a photo. Blobs, so that it can also wait in the tablet's own database. */
export interface Picked {
  readonly kind: 'photo' | 'document';
  readonly name: string;
  readonly file: Blob;
  /** The small picture for lists; null for documents and where the browser could not make one. */
  readonly thumbnail: Blob | null;
}

/** As the server limits it; told before somebody waits for an upload in vain. */
export const largestBytes = 16 * 1024 * 1024;
export const mostFiles = 5;

export type PickFault = 'too-large' | 'unreadable';

export async function pickFile(kind: Picked['kind'], file: File): Promise<Picked | PickFault> {
  if (kind === 'document') {
    return file.size > largestBytes ? 'too-large' : { kind, name: file.name, file, thumbnail: null };
  }
  try {
    const { photo, thumbnail } = await preparePhoto(file);
    return photo.size > largestBytes ? 'too-large' : { kind, name: file.name, file: photo, thumbnail };
  } catch {
    return 'unreadable';
  }
}

/** Adds files to a form; `thumbnail_0` is the small picture of the form's first file. */
export function addPicked(form: FormData, picked: readonly Picked[], role: PhotoRole | null): void {
  if (role !== null) form.append('role', role);
  for (const [position, { kind, name, file, thumbnail }] of picked.entries()) {
    form.append(kind === 'photo' ? 'problem_photos[]' : 'problem_documents[]', file, name);
    if (thumbnail) form.append(`thumbnail_${position}`, thumbnail, `thumbnail-${name}`);
  }
}
