// Types of the part of the test helper that the tests use; the package ships none.
declare module 'node-red-node-test-helper' {
  import type { Server } from 'node:http';
  import type { Node, NodeAPI } from 'node-red';

  type NodeModule = (RED: NodeAPI) => void;

  interface TestHelper {
    init(runtimePath: string, settings?: object): void;
    settings(settings: object): object;
    startServer(): Promise<void>;
    stopServer(): Promise<void>;
    load(modules: NodeModule | readonly NodeModule[], flow: readonly object[], credentials?: object): Promise<void>;
    unload(): Promise<void>;
    setFlows(flow: readonly object[], type?: 'full' | 'nodes' | 'flows'): Promise<void>;
    getNode(id: string): Node;
    clearFlows(): Promise<void>;
    request(): unknown;
    url(): string;
    log(): { readonly args: ReadonlyArray<readonly unknown[]> };
  }

  const helper: TestHelper;
  export default helper;
  export type { Server };
}
