// What a person or a tablet chose to see, kept in the browser: language, dark mode, kiosk mode.
import { type Ref, ref, watch } from 'vue';
import type { Language } from '../../nodes/access/messages.ts';

function stored<Value extends string>(key: string, choices: readonly Value[], fallback: Value): Ref<Value> {
  const name = `shopfloor.${key}`;
  const found = choices.find((choice) => choice === read(name));
  const value = ref(found ?? fallback) as Ref<Value>;
  watch(value, (chosen) => write(name, chosen), { flush: 'sync' });
  return value;
}

/** A browser that forbids storage still works; it only forgets. */
function read(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    return;
  }
}

/** `account`: the language of the person who is logged in. */
export const chosenLanguage = stored<Language | 'account'>('language', ['account', 'id', 'en-US'], 'account');
export const darkMode = stored<'on' | 'off'>('dark', ['on', 'off'], 'off');
/** Belongs to the tablet, not to the person: it outlives logins and restarts. */
export const kioskMode = stored<'on' | 'off'>('kiosk', ['on', 'off'], 'off');
