// The catalogues by language; Indonesian decides which keys exist.
import type { Language } from '../../nodes/access/messages.ts';
import { enUS } from './en-US.ts';
import { id } from './id.ts';

export type TextKey = keyof typeof id;
export type Catalogue = Readonly<Record<TextKey, string>>;

export const catalogues: Readonly<Record<Language, Catalogue>> = { id, 'en-US': enUS };
