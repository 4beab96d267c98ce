// A person's language: at once on this screen, and with the account so that it follows the person to every tablet.
import type { Language } from '../../nodes/access/messages.ts';
import { accountLanguage } from '../common/language.ts';
import { chosenLanguage } from '../common/preferences.ts';
import { onServer } from '../common/server-root.ts';

/** Kept on the tablet alone when the account cannot be reached, or belongs to a wall screen that may set nothing. */
export async function chooseLanguage(language: Language): Promise<void> {
  chosenLanguage.value = language;
  try {
    const response = await fetch(onServer('/api/access/me'), {
      method: 'PUT',
      credentials: 'same-origin',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify({ language }),
    });
    if (!response.ok) return;
  } catch {
    return;
  }
  accountLanguage.value = language;
  chosenLanguage.value = 'account';
}
