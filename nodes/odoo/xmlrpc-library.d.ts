// Types of the two parts of the `xmlrpc` package that this room uses; the package ships none.
declare module 'xmlrpc/lib/serializer.js' {
  const serializer: {
    serializeMethodCall(method: string, params: readonly unknown[]): string;
    serializeMethodResponse(result: unknown): string;
    serializeFault(fault: { readonly faultCode: number; readonly faultString: string }): string;
  };
  export default serializer;
}

declare module 'xmlrpc/lib/deserializer.js' {
  import type { Readable, Writable } from 'node:stream';

  /** A fault of the reply: an Error with these two properties. */
  interface XmlRpcFaultError extends Error {
    readonly faultCode?: unknown;
    readonly faultString?: unknown;
  }

  export default class Deserializer {
    constructor(encoding?: BufferEncoding);
    /** The SAX stream; emits `opentag` and `closetag` with names in capitals. */
    readonly parser: Writable;
    /** Text of the element that is being read. */
    readonly data: readonly string[];
    onDone(): void;
    onOpentag(node: { readonly name: string }): void;
    onText(text: string): void;
    onClosetag(name: string): void;
    endInt(data: string): void;
    endDouble(data: string): void;
    onError(fault: Error | string): void;
    deserializeMethodCall(
      stream: Readable,
      callback: (error: Error | null | undefined, method?: string, params?: readonly unknown[]) => void,
    ): void;
    deserializeMethodResponse(
      stream: Readable,
      callback: (error: XmlRpcFaultError | null | undefined, result?: unknown) => void,
    ): void;
  }
}
