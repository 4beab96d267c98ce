import { flushPromises } from '@vue/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseNewUser } from '../../nodes/access/user-input.ts';
import { ShopfloorError } from '../../nodes/core/errors.ts';
import { leader } from '../../test/dashboard/support/people.ts';
import { accountLanguage } from '../common/language.ts';
import { chosenLanguage } from '../common/preferences.ts';
import UserAdmin from '../people/UserAdmin.vue';
import { open, type Page } from './host.ts';

const administrator = {
  ...leader,
  user: { ...leader.user, roles: ['admin' as const] },
  permissions: ['users.manage' as const],
};

/** As the route answers: the list, and what the room says of a new account. */
async function answer(_path: string, request?: { readonly method?: string; readonly body?: string }) {
  if (request?.method !== 'POST') return { ok: true, status: 200, json: async () => ({ success: true, data: [] }) };
  try {
    parseNewUser(JSON.parse(request.body ?? '{}') as Record<string, unknown>);
  } catch (error) {
    if (!(error instanceof ShopfloorError)) throw error;
    const { httpStatus: status, code, message, fields } = error;
    return { ok: false, status, json: async () => ({ success: false, error: { code, message, fields } }) };
  }
  throw new Error('the account should have been refused');
}

let page: Page | undefined;
beforeEach(() => {
  localStorage.clear();
  chosenLanguage.value = 'account';
  vi.stubGlobal('fetch', answer);
});
afterEach(() => {
  accountLanguage.value = 'id';
  vi.unstubAllGlobals();
  page?.wrapper.unmount();
  page = undefined;
});

describe('a new account that is refused', () => {
  const languages = {
    id: 'Nama masuk: 2 sampai 64 huruf, angka atau ._@- dan mulai dengan huruf atau angka; Peran: pilih paling sedikit satu',
    'en-US':
      'Login name: 2 to 64 letters, digits or ._@-, beginning with a letter or digit; Roles: choose at least one',
  } as const;
  it.each(Object.entries(languages))('is told why in the language of the person (%s)', async (language, said) => {
    accountLanguage.value = language as keyof typeof languages;
    page = open(UserAdmin, administrator);
    await flushPromises();
    await page.wrapper.find('.sf-toolbar > button').trigger('click');
    const inputs = page.wrapper.findAll('dialog input');
    await inputs[0]?.setValue('??');
    await inputs[1]?.setValue('Dewi Lestari');
    await page.wrapper.find('dialog form').trigger('submit');
    await flushPromises();
    expect(page.wrapper.find('dialog .sf-fault').text()).toBe(said);
  });
});
