// The accounts as the page holds them, and the acts on one of them over the routes of the access room.
import { ref } from 'vue';
import type { UserRow } from '../../nodes/access/messages.ts';
import { callServer, type ServerAnswer } from '../common/http.ts';

/** What the form fills in; `login` only when somebody is created. */
export interface PersonInput {
  readonly login?: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly departments: readonly string[];
  readonly machines: readonly string[];
  readonly language: string;
  readonly sharedDevice: boolean;
}

export interface UserAnswer {
  readonly data: UserRow;
  readonly oneTimePassword?: string;
}

export type PersonAct = 'lock' | 'unlock' | 'reset-password' | 'end-sessions';

const route = '/api/access/users';

export function usePeople() {
  const people = ref<readonly UserRow[] | null>(null);
  const failed = ref(false);

  async function load(): Promise<void> {
    const answer = await callServer<{ readonly data: readonly UserRow[] }>('GET', route);
    failed.value = !answer.ok;
    if (answer.ok) people.value = answer.body.data;
  }

  /** Whatever the answer, the list is read again: a refusal may mean that somebody else was quicker. */
  async function withReload(work: Promise<ServerAnswer<UserAnswer>>): Promise<ServerAnswer<UserAnswer>> {
    const answer = await work;
    await load();
    return answer;
  }

  return {
    people,
    failed,
    load,
    create: (input: PersonInput) => withReload(callServer('POST', route, input)),
    change: (user: UserRow, input: PersonInput) =>
      withReload(callServer('PATCH', `${route}/${user.id}`, { ...input, version: user.version })),
    act: (user: UserRow, act: PersonAct) => withReload(callServer('POST', `${route}/${user.id}/${act}`, {})),
    /** Null takes it away. */
    setPin: (user: UserRow, pin: string | null) => withReload(callServer('PUT', `${route}/${user.id}/pin`, { pin })),
    setBadge: (user: UserRow, badge: string | null) =>
      withReload(callServer('PUT', `${route}/${user.id}/badge`, { badge })),
  };
}
