// A PDF is taken as it is: it begins and ends as one, and names nothing that runs when somebody opens it.
import { type ByteSource, pieceBytes } from './byte-source.ts';
import { Inflation } from './inflation.ts';
import { damaged, dangerous, FileRefused } from './refusals.ts';

/**
 * Names of actions and parts that run, start or carry something (ISO 32000-2, 7.11.4, 12.6, 12.7.8, 13.6). A search is not a proof: a
 * reader that repairs broken files may see more. So a PDF is only ever downloaded, never shown by this server.
 */
const activeNames: ReadonlySet<string> = new Set([
  'JavaScript',
  'Launch',
  'EmbeddedFile',
  'EmbeddedFiles',
  'RichMedia',
  'GoToE',
  'ImportData',
  'SubmitForm',
  'XFA',
]);

/** What hides names from the search. */
const closingNames: ReadonlySet<string> = new Set(['Encrypt']);
const packedObjects = 'ObjStm';

/** Readers look for the end mark in the last kilobyte. */
const tailBytes = 1024;
/** An end record and the longest comment behind it. */
const archiveTailBytes = 22 + 0xffff;
const longestName = 127;
const mostPackedStreams = 2_000;
/** Unpacked objects of all streams together. */
const mostUnpackedBytes = 128 * 1024 * 1024;
/** A dictionary stands before its stream; those of object streams have half a dozen entries. */
const mostDictionaryBytes = 2_048;

export async function checkPdf(source: ByteSource): Promise<void> {
  const head = await source.read(0, 16);
  if (!/^%PDF-(1\.[0-7]|2\.0)[\r\n \t]/.test(head.toString('latin1'))) throw damaged('its header is broken');
  await checkEnd(source);
  const packed: number[] = [];
  const search = new NameSearch((name, at) => {
    refuse(name);
    if (name !== packedObjects) return;
    packed.push(at);
    if (packed.length > mostPackedStreams) throw damaged('it has too many packed objects');
  });
  for (let at = 0; at < source.size; at += pieceBytes) search.look(await source.read(at, pieceBytes));
  search.finish();
  let left = mostUnpackedBytes;
  for (const at of packed) left -= await searchPacked(source, at, left);
}

function refuse(name: string): void {
  if (activeNames.has(name)) throw dangerous(`it holds /${name}, which runs or carries something`);
  if (closingNames.has(name)) throw dangerous('it is encrypted, so that nobody can look into it');
}

async function checkEnd(source: ByteSource): Promise<void> {
  const tail = (await source.read(Math.max(0, source.size - tailBytes), tailBytes)).toString('latin1');
  const end = /startxref\s+(\d{1,10})\s+%%EOF\s*$/.exec(tail);
  if (!end) throw damaged('its end is missing, or something stands behind it');
  const at = Number(end[1]);
  // Programs for archives look for an archive's end in the last 64 KB; a PDF that is one as well has it there.
  const last = await source.read(Math.max(0, source.size - archiveTailBytes), archiveTailBytes);
  if (last.includes('PK\x05\x06')) throw dangerous('it is an archive as well');
  const target = (await source.read(Math.min(at, source.size), 32)).toString('latin1');
  if (!/^\s*(xref\s|\d+\s+\d+\s+obj\b)/.test(target)) throw damaged('its table of contents is not where it says');
}

/** Finds names in pieces of a file, written with or without `#xx`. */
class NameSearch {
  readonly #found: (name: string, at: number) => void;
  #rest = '';
  /** Where `#rest` begins. */
  #at = 0;

  constructor(found: (name: string, at: number) => void) {
    this.#found = found;
  }

  look(piece: Buffer): void {
    const text = this.#rest + piece.toString('latin1');
    // A name that may go on in the next piece is looked at again with it.
    const whole = Math.max(0, text.length - longestName * 3);
    this.#search(text, whole);
    this.#rest = text.slice(whole);
    this.#at += whole;
  }

  finish(): void {
    this.#search(this.#rest, this.#rest.length);
  }

  #search(text: string, until: number): void {
    for (let slash = text.indexOf('/'); slash !== -1 && slash < until; slash = text.indexOf('/', slash + 1)) {
      const first = text.charCodeAt(slash + 1);
      // All names looked for begin with a capital or a code.
      if (first !== 0x23 && (first < 0x41 || first > 0x5a)) continue;
      const [raw = ''] = /^[!-$&'*-.0-;=?-Z\\^-z|~]+/.exec(text.slice(slash + 1, slash + 1 + longestName * 3)) ?? [];
      this.#found(
        raw.replace(/#([0-9A-Fa-f]{2})/g, (_code, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
        this.#at + slash,
      );
    }
  }
}

/** Searches the objects of one packed stream whose dictionary has the name at `at`; returns how much it unpacked to. */
async function searchPacked(source: ByteSource, at: number, mostBytes: number): Promise<number> {
  const before = (await source.read(Math.max(0, at - mostDictionaryBytes), Math.min(at, mostDictionaryBytes))).toString(
    'latin1',
  );
  const after = (await source.read(at, mostDictionaryBytes)).toString('latin1');
  const begin = /stream\r?\n/.exec(after);
  // Without a stream the name is a word in some text.
  if (!begin) return 0;
  const dictionary = before.slice(before.lastIndexOf(' obj')) + after.slice(0, begin.index);
  const filters = [...dictionary.matchAll(/\/([A-Za-z0-9]+Decode|Crypt)\b/g)].map(([, name]) => name);
  if (filters.length === 0) return 0;
  if (filters.length > 1 || filters[0] !== 'FlateDecode' || dictionary.includes('/DecodeParms')) {
    throw dangerous('it packs its objects in an unusual way, so that nobody can look into them');
  }
  const search = new NameSearch(refuse);
  const inflation = new Inflation({
    format: 'zlib',
    mostBytes,
    tooMuch: () => new FileRefused('archive-too-large', 'its objects unpack to too much'),
    look: (bytes) => search.look(bytes),
  });
  try {
    for (let from = at + begin.index + begin[0].length; from < source.size && !inflation.ended; from += pieceBytes) {
      await inflation.feed(await source.read(from, pieceBytes));
    }
    if (!inflation.ended) throw damaged('its packed objects are broken');
    search.finish();
    return inflation.unpackedBytes;
  } finally {
    inflation.close();
  }
}
