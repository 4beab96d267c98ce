// The catalogues by language; Indonesian decides which keys exist.
import type { Language } from '../../nodes/access/messages.ts';
// The same keys beside each other: a compressor looks back 32 kB, so each pair costs its keys once.
import './ctp-en.ts';
import './ctp-id.ts';
import './equipment-en.ts';
import './equipment-id.ts';
import './production-en.ts';
import './production-id.ts';
import { enUS } from './en-US.ts';
import { id } from './id.ts';

export type TextKey = keyof typeof id;
export type Catalogue = Readonly<Record<TextKey, string>>;

export const catalogues: Readonly<Record<Language, Catalogue>> = { id, 'en-US': enUS };
