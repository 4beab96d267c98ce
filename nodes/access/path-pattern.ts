// Paths of routes with names in braces, such as `/api/users/{id}`.

/** Decoded parts of `path`, mapped by the names in braces; undefined when it does not fit `pattern`. */
export function parametersOf(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined) {
      if (part !== value) return undefined;
      continue;
    }
    try {
      parameters[name] = decodeURIComponent(value);
    } catch {
      return undefined;
    }
  }
  return parameters;
}
