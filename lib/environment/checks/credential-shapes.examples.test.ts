import { growth, mostLinear } from '../../../test/growth';
import { holdsCredentialShape, isCredential, issuerNames } from './credential-shapes';

// Built from pieces, so that nothing here looks like a real credential to those who scan this repository.
const fake = (length: number) => 'FAKE0fake1'.repeat(Math.ceil(length / 10)).slice(0, length);
const hex = (length: number) => 'fa0e1b2c'.repeat(Math.ceil(length / 8)).slice(0, length);
const upper = (length: number) => 'FAKE0123'.repeat(Math.ceil(length / 8)).slice(0, length);
const from = (...pieces: string[]) => pieces.join('');

/** The issuer as variables name it, where no one else's credentials look so. */
const alone: readonly (readonly [kind: string, text: string, issuer?: string])[] = [
  ['OpenAI, project', from('sk-', 'proj-', fake(40)), 'OPENAI'],
  ['OpenAI, service account', from('sk-', 'svcacct-', fake(40)), 'OPENAI'],
  ['OpenAI, older', from('sk-', fake(48))],
  ['Anthropic', from('sk-', 'ant-', 'api03-', fake(80)), 'ANTHROPIC'],
  ['OpenRouter', from('sk-', 'or-v1-', hex(64)), 'OPENROUTER'],
  ['Cartesia', from('sk_', 'car_', fake(24)), 'CARTESIA'],
  ['Stripe', from('sk_', 'live_', fake(24)), 'STRIPE'],
  ['Stripe, restricted', from('rk_', 'live_', fake(24)), 'STRIPE'],
  ['ElevenLabs', from('sk_', hex(48))],
  ['a webhook secret', from('whs', 'ec_', fake(32))],
  ['Groq', from('gs', 'k_', fake(52)), 'GROQ'],
  ['xAI', from('xa', 'i-', fake(80)), 'XAI'],
  ['Perplexity', from('ppl', 'x-', fake(48)), 'PERPLEXITY'],
  ['Replicate', from('r', '8_', fake(37)), 'REPLICATE'],
  ['Hugging Face', from('h', 'f_', fake(34)), 'HF'],
  ['NVIDIA', from('nva', 'pi-', fake(64)), 'NVIDIA'],
  ['Tavily', from('tv', 'ly-', fake(32)), 'TAVILY'],
  ['LangSmith', from('lsv2', '_pt_', hex(32), '_', hex(10)), 'LANGSMITH'],
  ['AWS', from('AK', 'IA', upper(16)), 'AWS'],
  ['Scaleway', from('SC', 'W', upper(17)), 'SCALEWAY'],
  ['Google, API key', from('AI', 'za', fake(35)), 'GOOGLE'],
  ['Google, OAuth client', from('GOC', 'SPX-', fake(28)), 'GOOGLE'],
  ['DigitalOcean', from('dop', '_v1_', hex(64)), 'DIGITALOCEAN'],
  ['HashiCorp Vault', from('hv', 's.', fake(24))],
  ['Doppler', from('dp', '.pt.', fake(43)), 'DOPPLER'],
  ['age', from('AGE-SECRET', '-KEY-1', upper(58))],
  ['GitHub, personal', from('gh', 'p_', fake(36)), 'GITHUB'],
  ['GitHub, server', from('gh', 's_', fake(36)), 'GITHUB'],
  ['GitHub, fine-grained', from('github', '_pat_', fake(82)), 'GITHUB'],
  ['GitLab', from('gl', 'pat-', fake(20)), 'GITLAB'],
  ['Docker', from('dckr', '_pat_', fake(27)), 'DOCKER'],
  ['npm', from('np', 'm_', fake(36)), 'NPM'],
  ['Linear', from('lin', '_api_', fake(40)), 'LINEAR'],
  ['Notion', from('nt', 'n_', fake(46)), 'NOTION'],
  ['Airtable', from('pa', 't', fake(14), '.', hex(64)), 'AIRTABLE'],
  ['Slack', from('xo', 'xb-', '1234567890-', fake(24)), 'SLACK'],
  ['Telegram', from('123456789', ':A', 'A', fake(33)), 'TELEGRAM'],
  ['Twilio', from('S', 'K', hex(32)), 'TWILIO'],
  ['SendGrid', from('S', 'G.', fake(22), '.', fake(43)), 'SENDGRID'],
  ['Mailgun', from('ke', 'y-', hex(32)), 'MAILGUN'],
  ['Resend', from('r', 'e_', fake(8), '_', fake(24)), 'RESEND'],
  ['Typeform', from('tf', 'p_', fake(44)), 'TYPEFORM'],
  ['Shopify', from('shp', 'at_', hex(32)), 'SHOPIFY'],
  ['Square', from('sq0', 'csp-', fake(43)), 'SQUARE'],
  ['Grafana', from('gls', 'a_', fake(32), '_', hex(8)), 'GRAFANA'],
  ['Databricks', from('da', 'pi', hex(32)), 'DATABRICKS'],
  ['Supabase', from('sb', 'p_', hex(40)), 'SUPABASE'],
  ['Tailscale', from('tskey', '-auth-', fake(24)), 'TAILSCALE'],
  ['Langfuse', from('sk-', 'lf-', hex(36)), 'LANGFUSE'],
  ['Pinecone', from('pc', 'sk_', fake(40)), 'PINECONE'],
  ['RunPod', from('rp', 'a_', upper(40)), 'RUNPOD'],
  ['Google, access token', from('ya', '29.', fake(60)), 'GOOGLE'],
  ['Cloudflare', from('cf', 'ut_', fake(48)), 'CLOUDFLARE'],
  ['1Password', from('op', 's_ey', 'J', fake(60)), '1PASSWORD'],
  ['GitLab, deploy', from('gl', 'dt-', fake(20)), 'GITLAB'],
  ['Docker, organisation', from('dckr', '_oat_', fake(32)), 'DOCKER'],
  ['PyPI', from('py', 'pi-Ag', 'E', fake(60)), 'PYPI'],
  ['Atlassian', from('AT', 'ATT', fake(60), '=', 'FA0E1B2C'), 'ATLASSIAN'],
  ['Notion, older', from('sec', 'ret_', fake(43)), 'NOTION'],
  ['Figma', from('fi', 'gd_', fake(40)), 'FIGMA'],
  ['Postman', from('PM', 'AK-', hex(24), '-', hex(34)), 'POSTMAN'],
  ['Slack, app', from('xa', 'pp-', '1-AFAKE-', hex(40)), 'SLACK'],
  ['Mailchimp', from(hex(32), '-u', 's12'), 'MAILCHIMP'],
  ['Brevo', from('xkey', 'sib-', hex(64), '-', fake(16)), 'BREVO'],
  ['Square, access token', from('EA', 'AA', fake(60)), 'SQUARE'],
  ['Grafana Cloud', from('gl', 'c_ey', 'J', fake(60)), 'GRAFANA'],
  ['Sentry', from('snt', 'ryu_', hex(64)), 'SENTRY'],
  ['New Relic', from('NR', 'AK-', upper(27)), 'NEWRELIC'],
  ['Supabase, secret key', from('sb', '_secret_', fake(30)), 'SUPABASE'],
  ['PlanetScale', from('ps', 'cale_pw_', fake(43)), 'PLANETSCALE'],
  ['Pulumi', from('pu', 'l-', hex(40)), 'PULUMI'],
  ['Fly', from('fo', '1_', fake(43)), 'FLY'],
  ['Render', from('rn', 'd_', fake(28)), 'RENDER'],
  ['Heroku', from('HR', 'KU-', fake(36)), 'HEROKU'],
  ['Sonar', from('sq', 'p_', hex(40)), 'SONAR'],
  ['Alibaba', from('LT', 'AI', fake(20)), 'ALIBABA'],
  ['a JSON Web Token', from('ey', 'J', fake(30), '.ey', 'J', fake(40), '.', fake(43))],
];

const introduced: readonly (readonly [kind: string, text: string])[] = [
  ['a private key', from('-----BEGIN ', 'RSA PRIVATE', ' KEY-----')],
  ['a Slack webhook', from('https://hooks.', 'slack.com/services/', 'TFAKE0000/BFAKE0000/', fake(24))],
  ['a Slack workflow', from('https://hooks.', 'slack.com/triggers/', 'TFAKE0000/', '1234567890/', fake(24))],
  ['a Discord webhook', from('https://discord', '.com/api/webhooks/', '123456789012345678/', fake(68))],
  ['a Teams webhook', from('https://fake', '.webhook.office.com/webhookb2/', fake(36), '/x')],
  ['a Zapier hook', from('https://hooks.', 'zapier.com/hooks/catch/', '1234567/fakefake/')],
  ['a key of PuTTY', from('PuTTY-User', '-Key-File-', '3: ssh-ed25519')],
  ['?code= of Azure Functions', from('https://fake.example.com/api/x?', 'code=', fake(40))],
  ["a bot's URL", from('https://api.', 'telegram.org/bot', '123456789:', fake(35), '/sendMessage')],
  ["libpq's DSN", from('host=db.example.com user=app ', 'password=', 'fake-password dbname=app')],
  ["libpq's URL", from('postgresql://db.example.com/app?user=app&', 'password=', 'fakefake')],
  ['JDBC', from('jdbc:postgresql://db.example.com/app?user=app&', 'password=', 'fakefake')],
  ['ADO.NET', from('Server=db.example.com;User Id=app;', 'Pwd=', 'fakefake;')],
  ['Azure Storage', from('DefaultEndpointsProtocol=https;AccountName=fake;', 'AccountKey=', fake(86), '==')],
  [
    'Azure Service Bus',
    from('Endpoint=sb://fake.example.com/;SharedAccessKeyName=a;Shared', 'AccessKey=', fake(43), '='),
  ],
  ['a shared access signature', from('https://fake.blob.example.com/x?sv=2024-01-01&', 'sig=', fake(40), '%3D')],
  ['a presigned URL', from('https://fake.s3.example.com/x?X-Amz-', 'Signature=', hex(64))],
  ['?api_key=', from('https://api.example.com/v1?', 'api_key=', 'fake0fake1')],
  ['&access_token=', from('https://api.example.com/v1?a=b&', 'access_token=', fake(24))],
  ['?key=', from('https://api.example.com/v1?', 'key=', fake(24))],
  ['a header of OpenTelemetry', from('a=b,', 'api-key=', fake(24))],
  ['a header', from('X-Api-', 'Key: ', fake(24))],
  ['Bearer', from('Bear', 'er ', fake(24))],
  ['Bearer, short', from('Bear', 'er ', 'fake-0123')],
  ['Authorization', from('Authorization', ': Basic ', 'ZmFrZTpmYWtl')],
  ['Authorization of OpenTelemetry', from('Authorization', '=Basic ', 'ZmFrZTpmYWtl')],
  ['basic authentication', from('Bas', 'ic ', 'ZmFrZTpmYWtlMA==')],
];

describe('holdsCredentialShape', () => {
  it.each(alone.map(([kind, text]) => [kind, text]))('%s, alone and inside a text', (_kind, text = '') => {
    expect(holdsCredentialShape(text)).toBe(true);
    expect(holdsCredentialShape(`a text, "${text}", and more`)).toBe(true);
    expect(holdsCredentialShape(`https://example.com/${text}`)).toBe(true);
  });

  it.each(introduced)('%s', (_kind, text) => {
    expect(holdsCredentialShape(text)).toBe(true);
    expect(holdsCredentialShape(`a text: ${text} and more`)).toBe(true);
  });

  it.each([
    ['info'],
    ['staging'],
    ['wss://lk.example.com'],
    ['https://example.com/caf%C3%A9?lang=fr&page=2#top'],
    ['postgresql://db.example.com:5432/app?sslmode=verify-full'],
    ['registry.example.com/team/parcel-desk'],
    ['sk-learn-text-classification-model'],
    ['task-sk-management-and-others'],
    ['2f1c9a5e-7b0d-4c3a-9e8f-0a1b2c3d4e5f'],
    ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
    ['AC0123456789abcdef0123456789abcdef'],
    ['gpt-4o-mini-transcribe-2025-03-20'],
    ['grant_type=password'],
    ['user=app dbname=app sslmode=require'],
    ['https://idp.example.com/auth?response_type=code&client_id=parcel-desk'],
    ['https://api.example.com/v1?api_key={api_key}'],
    ['https://api.example.com/v1?api_key=<your key>'],
    ['password='],
    ['Bearer'],
    ['Bearer tokens are refused'],
    ['Basic authentication'],
    ['Ask for the password: it is never shown. Then say “thank you”.'],
    ['arn:aws:iam::123456789012:role/parcel-desk'],
    ['Content-Type: application/json'],
    ['token_endpoint=https://idp.example.com/token'],
    ['https://hooks.slack.com/services'],
    ['keyboard-shortcuts-and-other-things-2024'],
    ['{"service.name":"parcel-desk","deployment.environment":"staging"}'],
    ['service.name=parcel-desk,deployment.environment=staging'],
    ['-----BEGIN CERTIFICATE-----\nRkFLRQ==\n-----END CERTIFICATE-----\n'],
  ])('but not %s', (text) => expect(holdsCredentialShape(text)).toBe(false));
});

describe('issuerNames and isCredential', () => {
  it.each(alone.map(([kind, text, issuer = '']) => [kind, text, issuer] as const))('%s', (_kind, text, issuer) => {
    expect(isCredential(text)).toBe(true);
    if (issuer === '') expect(issuerNames(text)).toBeUndefined();
    else expect(issuerNames(text)).toContain(issuer);
  });

  it('are about whole texts only', () => {
    const [, key = ''] = alone[0] ?? [];
    expect([isCredential(` ${key}`), isCredential(`${key};`), issuerNames(`a ${key}`)]).toEqual([
      false,
      false,
      undefined,
    ]);
  });
});

it.each([
  ['sk-'],
  ['eyJ'],
  ['eyJaaaaaaaa.'],
  ['-eyJaaaaaaaa'],
  ['SG.aaaaaaaaaaaaaaaaaaaa'],
  ['glsa_aaaaaaaaaaaaaaaaaaaa'],
  ['password='],
  [' api_key="'],
  ['?key=a'],
  ['Bearer a'],
  ['Basic a'],
  ['Authorization: a'],
  ['-----BEGIN A '],
  ['https://hooks.slack.com/services/A'],
  ['0'],
  ['a'],
  ['A.'],
])('is linear in a text of %s', (piece) => {
  const work = (size: number) => {
    const text = piece.repeat(Math.ceil(size / piece.length)).slice(0, size);
    return () => holdsCredentialShape(text);
  };
  expect(growth(work, 16_384)).toBeLessThan(mostLinear);
});
