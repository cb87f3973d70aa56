import { Context } from '@temporalio/activity';
import { ApplicationFailure, TemporalFailure } from '@temporalio/common';
import { toFailure } from './to-failure.ts';

/**
 * Every activity's input has a version, so that a newer worker recognizes the input of a workflow that an older one
 * started.
 */
export interface Versioned {
  version: 1;
}

/**
 * Makes an activity from a function of its input and its cancellation signal. The activity refuses input of an unknown
 * version, and turns errors into failures that say whether a retry can succeed.
 * Keeps G5: an input of a newer version waits for a newer worker.
 */
export function defineActivity<I extends Versioned, O>(
  work: (input: I, signal: AbortSignal) => Promise<O>,
): (input: I) => Promise<O> {
  return async (input) => {
    const { cancellationSignal, info } = Context.current();
    if (input.version !== 1) {
      // During an upgrade, a newer worker may take the next attempt.
      throw ApplicationFailure.retryable(
        `${info.activityType}: this worker knows version 1 of the input, not ${String(input.version)}: it waits for a newer worker`,
        'UnknownInputVersion',
      );
    }
    try {
      return await work(input, cancellationSignal);
    } catch (error) {
      // The SDK must see its own failures, which tell a cancellation from a pause and from a shutdown.
      if (cancellationSignal.aborted || error instanceof TemporalFailure) throw error;
      throw toFailure(error);
    }
  };
}
