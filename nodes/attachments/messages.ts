// What other rooms know of photos and documents: a checked file that waits for its row, and a kept one.

/** What a file is by its content, never by its name. */
export const photoTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const;
export type PhotoType = (typeof photoTypes)[number];
export const documentTypes = [
  'application/pdf',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/zip',
] as const;
export type DocumentType = (typeof documentTypes)[number];

interface FileFacts {
  /** Random, 22 characters of base64url; also the file's name on disk. */
  readonly id: string;
  readonly sizeBytes: number;
  /** Lower-case hex of the bytes as stored (metadata removed). */
  readonly sha256: string;
  /** The sender's name for it, for showing only: no path, no control characters, at most 150 characters. */
  readonly name: string;
}

/** A file that passed every check and lies in staging, not yet belonging to anything. */
export type StagedFile = FileFacts & {
  /** Name of the form field it came in. */
  readonly field: string;
} & (
    | { readonly kind: 'photo'; readonly type: PhotoType; readonly width: number; readonly height: number }
    | { readonly kind: 'document'; readonly type: DocumentType }
  );

/** A kept file as a room's replies show it. */
export type Attachment = FileFacts & {
  readonly kind: 'photo' | 'document';
  readonly type: PhotoType | DocumentType;
  readonly width: number | null;
  readonly height: number | null;
  /** Id of the small picture the browser made; null when it made none. */
  readonly thumbnailId: string | null;
  /** Word of the owning room, such as `before` or `after`. */
  readonly role: string | null;
  readonly createdAt: string;
  readonly createdBy: string;
};
