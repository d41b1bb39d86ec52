/** How many times as much as usual the tests with random inputs try: `INGOT_TEST_RUNS`, 1 where it is not set. */
const FACTOR = Math.max(1, Number(process.env.INGOT_TEST_RUNS ?? 1));

/** How often to run a property that `usual` runs suffice for from day to day. */
export const runs = (usual: number): number => Math.ceil(usual * FACTOR);

/** The milliseconds that such a test may take, where `usual` suffice for its usual runs. */
export const runsTimeout = (usual: number): number => usual * FACTOR;
