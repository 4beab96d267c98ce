// Why something was not done, in words for the person who asked.
import { text, textOf } from './language.ts';
import type { Answer } from './requests.ts';

export function answerText(answer: Extract<Answer<unknown>, { ok: false }>): string {
  if (answer.code === 'no-answer') return text('result.no-answer');
  if (answer.code === 'offline') return text('result.offline');
  const known = textOf('result.code.', answer.code, 'result.refused');
  return known === text('result.refused') && answer.message !== '' ? `${known} ${answer.message}` : known;
}
