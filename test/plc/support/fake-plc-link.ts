// A PLC link into plain memory that fails at a chosen request, before or after the request took effect.
import { type PlcLink, PlcLinkError, type PlcLinkErrorKind, type RequestOptions } from '../../../nodes/plc/plc-link.ts';

export interface RecordedRequest {
  readonly kind: 'read' | 'write';
  readonly address: number;
  readonly words: readonly number[];
  readonly priority: string | undefined;
}

export interface PlannedFailure {
  /** Counted from 0. */
  readonly atRequest: number;
  /** `lost` never reached the PLC; `answer-lost` was carried out. */
  readonly how: 'lost' | 'answer-lost';
  readonly kind: PlcLinkErrorKind;
  /** True: everything after it fails too. */
  readonly stays?: boolean;
}

export class FakePlcLink implements PlcLink {
  readonly memory = new Uint16Array(10_000);
  readonly requests: RecordedRequest[] = [];
  failure: PlannedFailure | undefined;
  /** Called before each request: what the PLC program does meanwhile. */
  between: (() => void) | undefined;
  /** Addresses that never answer. */
  readonly deaf = new Set<number>();

  get writes(): RecordedRequest[] {
    return this.requests.filter(({ kind }) => kind === 'write');
  }

  async readWords(address: number, count: number, options?: RequestOptions): Promise<Uint16Array> {
    const fails = this.#next('read', address, [], options);
    if (fails) throw this.#error(address);
    return this.memory.slice(address, address + count);
  }

  async writeWords(address: number, words: Uint16Array, options?: RequestOptions): Promise<void> {
    const fails = this.#next('write', address, [...words], options);
    if (fails && this.failure?.how !== 'answer-lost') throw this.#error(address);
    this.memory.set(words, address);
    if (fails) throw this.#error(address);
  }

  #next(kind: 'read' | 'write', address: number, words: number[], options: RequestOptions | undefined): boolean {
    this.between?.();
    const number = this.requests.length;
    this.requests.push({ kind, address, words, priority: options?.priority });
    if (this.deaf.has(address)) return true;
    const { failure } = this;
    return failure !== undefined && (failure.stays ? number >= failure.atRequest : number === failure.atRequest);
  }

  #error(address: number): PlcLinkError {
    const kind = this.failure?.kind ?? 'timeout';
    return new PlcLinkError(kind, `D${address}: ${kind}.`);
  }
}
