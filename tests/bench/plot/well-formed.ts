/** Whether a text is well-formed XML, as far as our drawings use it: tags, attributes, entities, text. For tests. */

const tag = /<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/y;
const strayCharacter = /[<>]|&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-fA-F]+);)/;

/** What is wrong first; undefined when nothing is. */
export function xmlProblem(text: string): string | undefined {
  const open: string[] = [];
  let roots = 0;
  for (let at = 0; at < text.length; ) {
    const next = text.indexOf("<", at);
    const between = text.slice(at, next < 0 ? text.length : next);
    if (strayCharacter.test(between)) return `a character that must be escaped: ${excerpt(between)}`;
    if (open.length === 0 && between.trim() !== "") return `text outside of the root: ${excerpt(between)}`;
    if (next < 0) break;
    tag.lastIndex = next;
    const match = tag.exec(text);
    if (match === null) return `no tag: ${excerpt(text.slice(next))}`;
    const [whole, isEnd, name = "", attributes = "", isEmpty] = match;
    const problem = attributesProblem(attributes);
    if (problem !== undefined) return `${problem} in <${name}>`;
    if (isEnd === "/") {
      if (open.pop() !== name) return `</${name}> closes what is not open`;
    } else {
      if (open.length === 0 && ++roots > 1) return `a second root: <${name}>`;
      if (isEmpty !== "/") open.push(name);
    }
    at = next + whole.length;
  }
  return open.length === 0 ? undefined : `<${open.at(-1)}> is not closed`;
}

function attributesProblem(attributes: string): string | undefined {
  const names = [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, name = "", value = ""]) => ({ name, value }));
  if (new Set(names.map(({ name }) => name)).size !== names.length) return "an attribute twice";
  return names.some(({ value }) => strayCharacter.test(value)) ? "a character that must be escaped" : undefined;
}

const excerpt = (text: string): string => text.trim().slice(0, 60);
