// Texts of the plain pages (login, password, 403, 404) in both languages; the test compares their keys.
import type { Language } from './messages.ts';

export const pageTexts = {
  id: {
    login: 'Masuk',
    loginTitle: 'Masuk ke Shopfloor',
    user: 'Nama pengguna',
    password: 'Kata sandi',
    shared: 'Tablet bersama (hanya akun perangkat): orang berganti dengan PIN atau lencana',
    notDevice:
      'Akun ini bukan akun tablet bersama. Masuk tanpa centang, atau minta administrator membuat akun untuk tablet.',
    wrongLogin: 'Nama pengguna atau kata sandi salah.',
    locked: 'Akun ini dikunci. Hubungi administrator.',
    oneTimeOver: 'Kata sandi sementara ini sudah tidak berlaku. Minta yang baru kepada administrator.',
    tooMany: 'Terlalu banyak percobaan. Tunggu sebentar, lalu coba lagi.',
    staleForm: 'Halaman ini sudah terlalu lama terbuka. Coba lagi.',
    unavailable: 'Basis data tidak menjawab. Coba lagi sebentar lagi.',
    changeTitle: 'Ganti kata sandi',
    changeDue: 'Kata sandi sementara hanya untuk sekali masuk. Pilih kata sandi Anda sendiri.',
    current: 'Kata sandi sekarang',
    next: 'Kata sandi baru (minimal 8 karakter)',
    repeat: 'Ulangi kata sandi baru',
    differ: 'Kedua kata sandi baru tidak sama.',
    weak: 'Kata sandi baru terlalu lemah: minimal 8 karakter, 5 di antaranya berbeda, bukan nama pengguna, dan bukan kata sandi yang umum.',
    pinTitle: 'Pilih PIN baru',
    pinWhy: 'PIN Anda terlalu pendek untuk peran Anda dan tidak berlaku lagi. Pilih PIN dengan minimal {least} angka.',
    pin: 'PIN baru',
    repeatPin: 'Ulangi PIN baru',
    pinsDiffer: 'Kedua PIN tidak sama.',
    weakPin: 'PIN ini terlalu pendek atau terlalu mudah ditebak.',
    later: 'Nanti saja',
    leaveTablet: 'Tinggalkan tablet',
    save: 'Simpan',
    logOut: 'Keluar',
    forbiddenTitle: 'Halaman ini bukan untuk peran Anda',
    forbidden:
      'Anda masuk sebagai {name}, dan peran Anda tidak mencakup halaman ini. Administrator dapat memberi peran.',
    notFoundTitle: 'Halaman ini tidak ada',
    notFound: 'Alamatnya mungkin salah ketik, atau halamannya sudah dipindahkan.',
    yourPages: 'Halaman Anda',
    noPages: 'Belum ada halaman untuk peran Anda. Hubungi administrator.',
    home: 'Ke halaman awal',
    otherLanguage: 'English',
  },
  'en-US': {
    login: 'Log in',
    loginTitle: 'Log in to Shopfloor',
    user: 'Login',
    password: 'Password',
    shared: 'Shared tablet (device accounts only): people switch with PIN or badge',
    notDevice:
      'This is not the account of a shared tablet. Log in without the tick, or ask an administrator for an account for the tablet.',
    wrongLogin: 'Login or password is wrong.',
    locked: 'This account is locked. Ask an administrator.',
    oneTimeOver: 'This one-time password is over. Ask an administrator for another one.',
    tooMany: 'Too many tries. Wait a moment, then try again.',
    staleForm: 'This page was open for too long. Try again.',
    unavailable: 'The database does not answer. Try again in a moment.',
    changeTitle: 'Change password',
    changeDue: 'A one-time password is good for one login. Choose your own.',
    current: 'Present password',
    next: 'New password (at least 8 characters)',
    repeat: 'New password again',
    differ: 'The two new passwords differ.',
    weak: 'The new password is too weak: at least 8 characters, 5 of them different, more than the login, and none that many people use.',
    pinTitle: 'Choose a new PIN',
    pinWhy: 'Your PIN is too short for your role and no longer works. Choose one of at least {least} digits.',
    pin: 'New PIN',
    repeatPin: 'New PIN again',
    pinsDiffer: 'The two PINs differ.',
    weakPin: 'This PIN is too short or too easy to guess.',
    later: 'Later',
    leaveTablet: 'Leave the tablet',
    save: 'Save',
    logOut: 'Log out',
    forbiddenTitle: 'This page is not for your role',
    forbidden:
      'You are logged in as {name}, and your roles do not include this page. An administrator can give you a role.',
    notFoundTitle: 'There is no such page',
    notFound: 'The address may be mistyped, or the page has moved.',
    yourPages: 'Your pages',
    noPages: 'There is no page for your role yet. Ask an administrator.',
    home: 'To the first page',
    otherLanguage: 'Bahasa Indonesia',
  },
} as const satisfies Readonly<Record<Language, Readonly<Record<string, string>>>>;

/** Names of the pages of this package; a plant's own page is called by its path. */
const pageNames: Readonly<Record<Language, ReadonlyMap<string, string>>> = {
  id: new Map([
    ['batches', 'Batch'],
    ['users', 'Pengguna'],
    ['ctp', 'Log CTP'],
    ['ctp-machine', 'Mesin CTP'],
    ['andon', 'Andon'],
    ['production', 'Produksi'],
    ['health', 'Kesehatan mesin'],
    ['equipment', 'Peralatan'],
  ]),
  'en-US': new Map([
    ['batches', 'Batches'],
    ['users', 'Users'],
    ['ctp', 'Log CTP'],
    ['ctp-machine', 'CTP machine'],
    ['andon', 'Andon'],
    ['production', 'Production'],
    ['health', 'Machine health'],
    ['equipment', 'Equipment'],
  ]),
};

export function pageName(page: string, language: Language): string {
  return pageNames[language].get(page) ?? page;
}

export type PageTextKey = keyof (typeof pageTexts)['id'];

/** The language of somebody who is not logged in: asked for by name, else what the browser prefers, else Indonesian. */
export function languageOf(asked: string | null, acceptLanguage: string | undefined): Language {
  if (asked === 'id' || asked === 'en-US') return asked;
  return /^\s*en\b/i.test(acceptLanguage ?? '') ? 'en-US' : 'id';
}
