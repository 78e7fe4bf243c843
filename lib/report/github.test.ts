import { githubAnnotation } from './github';

it('is a workflow command with file, line and code', () => {
  const problem = {
    severity: 'error',
    code: 'missing',
    file: 'envs/a.env',
    line: 3,
    message: 'X is missing',
    hint: 'Set it',
  } as const;
  expect(githubAnnotation(problem)).toBe('::error file=envs/a.env,line=3,title=missing::X is missing. Set it\n');
});

it('leaves out what is not known', () => {
  expect(githubAnnotation({ severity: 'warning', code: 'missing', message: 'X' })).toBe('::warning title=missing::X\n');
});

it('escapes what would end the command or start another', () => {
  const problem = {
    severity: 'error',
    code: 'missing',
    file: 'a:b,c%\r\n::error::x',
    message: '100%\n::error::x',
  } as const;
  expect(githubAnnotation(problem)).toBe(
    '::error file=a%3Ab%2Cc%25%0D%0A%3A%3Aerror%3A%3Ax,title=missing::100%25%0A::error::x\n',
  );
});
