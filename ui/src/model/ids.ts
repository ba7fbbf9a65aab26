// Ids are whole in details, first and last four characters in lists.
export const shortId = (id: string): string => (id.length <= 10 ? id : `${id.slice(0, 4)}…${id.slice(-4)}`);
