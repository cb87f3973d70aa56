import { down, type Stack, status, up } from '../dev/stack.ts';

/** Does work on the stack of this name. If the stack is not running, it is started before and stopped afterwards. */
export async function withStack<T>(name: string, work: (stack: Stack) => Promise<T>): Promise<T> {
  const wasUp = (await status({ name })).up;
  const stack = await up({ name });
  try {
    return await work(stack);
  } finally {
    if (!wasUp) await down({ name });
  }
}
