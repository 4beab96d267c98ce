// Which PINs are good enough: how long one has to be for a person's roles, and which are the first that anybody would try.
import type { FieldFault } from '../core/errors.ts';
import type { Role } from './messages.ts';

const shortest = 4;
/** For everybody who may do more than work at a machine. */
const shortestForOthers = 6;
const longest = 10;

/** Roles that do nothing but work at machines. */
const machineRoles: readonly Role[] = ['operator', 'ctp'];

/** How many digits the PIN of somebody with these roles needs. */
export function pinDigitsFor(roles: readonly Role[]): number {
  return roles.every((role) => machineRoles.includes(role)) ? shortest : shortestForOthers;
}

/** Whether a PIN has to be chosen anew: it is too short for the roles, or is of before its length was known. */
export function isPinOutgrown(
  stored: { readonly pin_hash: string | null; readonly pin_digits: number | null },
  roles: readonly Role[],
): boolean {
  const needed = pinDigitsFor(roles);
  return stored.pin_hash !== null && needed > shortest && (stored.pin_digits ?? 0) < needed;
}

/** What is wrong with `pin`; empty when nothing is. */
export function pinFaults(pin: string, roles: readonly Role[]): readonly FieldFault[] {
  const needed = pinDigitsFor(roles);
  if (!/^\d+$/.test(pin) || pin.length < needed || pin.length > longest) {
    const message = `must have ${needed} to ${longest} digits`;
    return [{ field: 'pin', message, code: 'not-a-pin', values: { least: needed, most: longest } }];
  }
  return isEasyPin(pin) ? [{ field: 'pin', message: 'is too easy to guess', code: 'easy-to-guess' }] : [];
}

/**
 * The patterns behind the PINs that lists of leaked ones begin with (D. Berry, "PIN number analysis", 2012; Markert et al., "This
 * PIN Can Be Easily Guessed", 2020): steps, repetitions, doubles, mirrors, lines of the keypad, and years.
 */
export function isEasyPin(pin: string): boolean {
  return isEvenlyStepped(pin) || isRepeated(pin) || isDoubled(pin) || isMirrored(pin) || isDrawn(pin) || isYear(pin);
}

/** 1111, 1234, 9876, 1357, 8901. */
function isEvenlyStepped(pin: string): boolean {
  const steps = Array.from(pin)
    .slice(1)
    .map((digit, index) => (Number(digit) - Number(pin[index]) + 10) % 10);
  return new Set(steps).size === 1;
}

/** 1212, 123123, 696969. */
function isRepeated(pin: string): boolean {
  return /^(\d+)\1+$/.test(pin);
}

/** 1122, 112233, 111222. */
function isDoubled(pin: string): boolean {
  return /^(?:(\d)\1+)+$/.test(pin);
}

/** 1221, 123321. */
function isMirrored(pin: string): boolean {
  return pin === backwards(pin);
}

const keypadLines = ['123', '456', '789', '147', '258', '369', '159', '357'];
/** The column with the zero below it, and the corners in the order of a clock, which a finger draws as well. */
const keypadWalks = ['2580', '1397', '3971', '9713', '7139'];
const drawable: ReadonlySet<string> = new Set(
  [...keypadLines, ...keypadWalks].flatMap((line) => [line, backwards(line)]),
);

/** 2580, 0852, 147258, 159753. */
function isDrawn(pin: string): boolean {
  if (pin === '') return true;
  return [3, 4].some((length) => drawable.has(pin.slice(0, length)) && isDrawn(pin.slice(length)));
}

/** Of births and of today: 1900 to 2099. */
function isYear(pin: string): boolean {
  return /^(19|20)\d\d$/.test(pin);
}

function backwards(digits: string): string {
  return Array.from(digits).reverse().join('');
}
