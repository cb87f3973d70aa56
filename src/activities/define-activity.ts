import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { isOwnFailure, toFailure } from './to-failure.ts';

/** What every activity's input carries: a workflow begun under an older worker goes on under a newer one, and the newer one can tell. */
export interface Versioned {
  version: 1;
}

/**
 * An activity from a function of its input and the signal that cancels it: refuses input of a version it does not know, and turns what is
 * thrown into a failure that says whether another attempt can help.
 */
export function defineActivity<I extends Versioned, O>(
  work: (input: I, signal: AbortSignal) => Promise<O>,
): (input: I) => Promise<O> {
  return async (input) => {
    const { cancellationSignal, info } = Context.current();
    if (input.version !== 1) {
      // In the middle of an upgrade a newer worker will take the next try up.
      throw ApplicationFailure.retryable(
        `${info.activityType}: this worker knows version 1 of the input, not ${String(input.version)}: it waits for a newer worker`,
        'UnknownInputVersion',
      );
    }
    try {
      return await work(input, cancellationSignal);
    } catch (error) {
      // Cancelled, paused, shut down: the SDK knows which, and it must see its own failure.
      if (cancellationSignal.aborted || isOwnFailure(error)) throw error;
      throw toFailure(error);
    }
  };
}
