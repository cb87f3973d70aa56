/** Waits until `found` answers with something, and hands it over; fails with the last answer when the time is over. */
export async function until<T>(what: string, found: () => Promise<T | undefined | false>, seconds = 120): Promise<T> {
  const end = Date.now() + seconds * 1000;
  let last: unknown;
  while (Date.now() < end) {
    try {
      const value = await found();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`not within ${seconds} s: ${what}${last === undefined ? '' : ` (${String(last)})`}`);
}
