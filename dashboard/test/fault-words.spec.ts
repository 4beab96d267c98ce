import { afterEach, describe, expect, it } from 'vitest';
import { parseBadge, parseNewUser, parsePin } from '../../nodes/access/user-input.ts';
import { type FieldFault, ShopfloorError } from '../../nodes/core/errors.ts';
import { plantTimeOf } from '../../nodes/core/plant-time.ts';
import { parseCtpCommand } from '../../nodes/ctp/command-parser.ts';
import { checkedTimes, refuseUnknownWords } from '../../nodes/ctp/problem-checks.ts';
import { faultText } from '../common/fault-words.ts';
import { accountLanguage } from '../common/language.ts';
import { chosenLanguage } from '../common/preferences.ts';

afterEach(() => {
  accountLanguage.value = 'id';
  chosenLanguage.value = 'account';
});

/** What the server says of each wrong field of `run`. */
function faultsOf(run: () => unknown): readonly FieldFault[] {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof ShopfloorError) return thrown.fields;
    throw thrown;
  }
  return [];
}

const plant = plantTimeOf('Asia/Jakarta');
const parsed = (payload: object) => faultsOf(() => parseCtpCommand(payload, plant));
const now = Date.UTC(2026, 10, 21);
const hour = 3_600_000;
const report = { command: 'report', machine_id: 1, problem_description: 'x' };

const refused = {
  'an empty description': () => parsed({ ...report, problem_description: ' ' }),
  'no machine and no description': () => parsed({ command: 'report' }),
  'a name that is too long': () => parsed({ ...report, technician_name: 'x'.repeat(101) }),
  'a name that is no text': () => parsed({ ...report, technician_name: 7 }),
  'parts that are no list': () => parsed({ ...report, parts: '{' }),
  'a field with a slip in its name': () => parsed({ ...report, solutoin: 'x' }),
  'a code of other signs': () => parsed({ ...report, error_code: '?' }),
  'an unknown severity': () => parsed({ ...report, severity: 'bad' }),
  'a time that is none': () => parsed({ ...report, start_time: 'noon' }),
  'parts without name and number': () => parsed({ ...report, parts: [{ name: '', quantity: 0 }] }),
  'too many parts': () => parsed({ ...report, parts: Array.from({ length: 51 }, () => ({ name: 'a', quantity: 1 })) }),
  'a character that no text has': () => parsed({ ...report, problem_description: 'a\0' }),
  'an end before the start': () =>
    faultsOf(() => checkedTimes({ start_ms: now, response_ms: null, end_ms: now - hour }, now)),
  'an arrival outside': () =>
    faultsOf(() => checkedTimes({ start_ms: now - hour, response_ms: now, end_ms: now - hour / 2 }, now)),
  'a start in the future': () =>
    faultsOf(() => checkedTimes({ start_ms: now + hour, response_ms: null, end_ms: null }, now)),
  'a start of another century': () =>
    faultsOf(() => checkedTimes({ start_ms: 0, response_ms: null, end_ms: null }, now)),
  'an account without anything': () => faultsOf(() => parseNewUser({ roles: [], machines: 'all of them' })),
  'an operator without a department': () =>
    faultsOf(() => parseNewUser({ login: 'ani', name: 'Ani', roles: ['operator'] })),
  'a PIN of letters': () => faultsOf(() => parsePin('abcd')),
  'a PIN that everybody tries first': () => faultsOf(() => parsePin('1234')),
  'a badge that no reader types': () => faultsOf(() => parseBadge('a b')),
  'words that the plant does not know': () =>
    faultsOf(() =>
      refuseUnknownWords({ error_code: 'E-1', category: 'magic' } as never, undefined, {
        codes: new Set(['E-2']),
        retiredCodes: new Set(),
        categories: new Set(['laser']),
      }),
    ),
};

describe('what the server says of a wrong field', () => {
  it.each(Object.entries(refused))('%s is said in Indonesian and in English', (_what, faults) => {
    const said = faults();
    expect(said.length).toBeGreaterThan(0);
    for (const fault of said) {
      accountLanguage.value = 'id';
      const indonesian = faultText(fault);
      expect(indonesian).not.toBe(fault.message);
      expect(indonesian).not.toMatch(/\{|\bmust\b/);
      accountLanguage.value = 'en-US';
      expect(faultText(fault)).not.toBe(indonesian);
      expect(faultText(fault)).not.toMatch(/\{/);
    }
  });

  it('is said by its code, whatever the sentence is', () => {
    const fault = { code: 'too-long', values: { most: 12 }, message: 'is rather long' };
    expect(faultText(fault)).toBe('paling banyak 12 huruf');
    accountLanguage.value = 'en-US';
    expect(faultText(fault)).toBe('at most 12 characters');
  });

  it('stays as it is where nobody knows it', () => {
    expect(faultText({ message: 'is odd' })).toBe('is odd');
    expect(faultText({ message: 'is odd', code: 'odd' })).toBe('is odd');
  });
});
