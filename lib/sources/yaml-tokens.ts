import { CST, Lexer } from 'yaml';

/** What a token is; an unquoted text, or a block of lines, may begin like anything else. */
export type YamlTokenType = CST.TokenType | 'unquoted' | 'unknown';

/** The tokens of a text, without the mark that the lexer puts before an unquoted text. It keeps nothing. */
export function* yamlTokens(text: string): Generator<readonly [type: YamlTokenType, token: string]> {
  let isUnquoted = false;
  for (const token of new Lexer().lex(text)) {
    const type: YamlTokenType = isUnquoted ? 'unquoted' : (CST.tokenType(token) ?? 'unknown');
    isUnquoted = type === 'scalar';
    if (!isUnquoted) yield [type, token];
  }
}
