/** Signals that would by themselves end the process with the terminal still in raw mode. */
export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const;
