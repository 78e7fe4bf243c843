import type { Context, Recogniser } from './recogniser';
import { wordList } from './word-list';

/** A variable that is named for a pointer may hold one: the program in the pod follows it. */
const isPointer = ({ variable }: Context) =>
  /_(?:ARN|REF|REFERENCE|URI|URL|PATH|NAME|ID|LOCATION|ENDPOINT)S?$/i.test(variable.name);

/** What is to be fetched from AWS. A key of KMS is used where it is, by its name, so that config may hold that. */
const arnOf = ({ variable }: Context) =>
  variable.sensitive ? /^arn:aws[\w-]*:(?:secretsmanager|ssm|kms):/ : /^arn:aws[\w-]*:(?:secretsmanager|ssm):/;

/** What an address of a secret in a secret manager starts with, without hyphens. */
const schemes = wordList(`
  op 1password onepassword vault hcvault hv hvs openbao bao
  awssm awsssm ssm asm awssecretmanager awssecretsmanager secretmanager secretsmanager
  gcpsm gsm sm gcpsecretmanager gcpsecretsmanager googlesecretmanager berglas
  azurekeyvault azkv akv akvs keyvault
  bw bws bitwarden doppler infisical akeyless conjur keeper ksm lastpass lpass passbolt delinea dvls phase
  pass gopass keychain keyring chamber teller sops secret secrets secretref k8s kubernetes dotenv envvault pulumi esc
`);

/** Those of them that a path with a key follows, and those that a name follows, without slashes. */
const beforePaths = wordList(`
  vault doppler infisical awssm awsssm ssm secretmanager secretsmanager gcpsm keyvault akeyless conjur berglas secret
`);
const beforeNames = wordList('secretref keyvaultref');

function isAddress(text: string): boolean {
  const [start = '', written = ''] = /^(?:>>)?([a-z0-9](?:-?[a-z0-9]){1,29}):/i.exec(text) ?? [];
  const scheme = written.replaceAll('-', '').toLowerCase();
  const rest = text.slice(start.length);
  return (
    (schemes.has(scheme) && /^\/\/\S/.test(rest)) ||
    (beforePaths.has(scheme) && /^[\w.-]+[/#][\w./#-]*\w$/.test(rest)) ||
    (beforeNames.has(scheme) && /^[A-Za-z][\w./-]*\w$/.test(rest))
  );
}

/** The name of a secret in a secret manager, in place of the secret. */
export const secretReferences: readonly Recogniser[] = [
  {
    name: 'secret-manager-address',
    about: 'an address in a secret manager (`op://…`, `vault:…#key`, `awssm://…`, `bws://…` and alike)',
    in: 'any',
    test: (text, context) => isAddress(text) && !isPointer(context),
    says: 'is the address of a secret in a secret manager, not the secret',
    hint: 'Put the secret itself there, as the command line of the secret manager prints it',
    examples: [
      'op://Private/OpenAI/credential',
      'vault:secret/data/agent#OPENAI_API_KEY',
      'vault://secret/agent#key',
      'awssm://agent/openai',
      'gcpsm://fake-project/openai',
      'akvs://fake-vault/openai',
      'doppler://agent/prd/OPENAI_API_KEY',
      'infisical://agent/prod/OPENAI_API_KEY',
      'bws://00000000-fake',
      'secretref:openai-key',
      { value: 'op://Private/Partner/url', name: 'PARTNER_URL_TEXT' },
    ],
    counterExamples: [
      'https://vault.example.com/v1/secret',
      { value: 'op://Private/OpenAI/credential', name: 'OPENAI_KEY_REF' },
      'vault:',
      'a vault:secret/data#x',
      'postgresql://db.example.com/app',
      'secret: fake',
    ],
  },
  {
    name: 'vals',
    about: 'a reference of vals or helmfile (`ref+…://`)',
    in: 'any',
    startsWith: 'rRsS',
    test: (text) => /^(?:secret)?ref\+[a-z0-9]+:\/\//i.test(text),
    says: 'is a reference that vals would replace by a secret',
    hint: 'Put what vals get prints for it there',
    examples: ['ref+vault://secret/agent#/key', 'ref+awssecrets://agent#/key', 'secretref+gcpsecrets://fake/agent'],
    counterExamples: ['ref+vault', 'ref://fake'],
  },
  {
    name: 'aws-secret',
    about: 'the ARN of a secret, parameter or key of AWS, or a dynamic reference of CloudFormation',
    in: 'any',
    startsWith: 'a{',
    test: (text, context) =>
      (arnOf(context).test(text) && !isPointer(context)) ||
      /^\{\{resolve:(?:secretsmanager|ssm|ssm-secure):/.test(text),
    says: 'names a secret of AWS instead of holding it',
    hint: 'Put the secret itself there, as aws secretsmanager get-secret-value or aws ssm get-parameter --with-decryption prints it',
    examples: [
      'arn:aws:secretsmanager:eu-west-3:000000000000:secret:fake-openai',
      'arn:aws:ssm:eu-west-3:000000000000:parameter/fake/openai',
      '{{resolve:secretsmanager:fake-openai:SecretString:key}}',
    ],
    counterExamples: [
      { value: 'arn:aws:iam::000000000000:role/fake', name: 'AGENT_ROLE' },
      { value: 'arn:aws:secretsmanager:eu-west-3:000000000000:secret:fake', name: 'OPENAI_SECRET_ARN' },
    ],
  },
  {
    name: 'google-secret',
    about: 'the name of a secret of Google Cloud (`projects/…/secrets/…`)',
    in: 'any',
    startsWith: 'p/',
    test: (text, context) =>
      /^(?:\/\/secretmanager\.googleapis\.com\/)?projects\/[\w.:-]+\/secrets\/[\w-]+(?:\/versions\/[\w-]+)?$/.test(
        text,
      ) && !isPointer(context),
    says: 'names a secret of Google Cloud instead of holding it',
    hint: 'Put the secret itself there, as gcloud secrets versions access latest prints it',
    examples: ['projects/fake-project/secrets/openai/versions/latest', 'projects/000000/secrets/openai'],
    counterExamples: [
      { value: 'projects/fake/secrets/openai', name: 'OPENAI_SECRET_NAME' },
      { value: 'projects/fake/locations/europe-west9', name: 'VERTEX_LOCATION' },
    ],
  },
  {
    name: 'azure-secret',
    about: 'the address of a secret in Azure Key Vault, or an app setting that refers to one',
    in: 'any',
    startsWith: '@hH',
    test: (text, context) =>
      text.startsWith('@Microsoft.KeyVault(') ||
      (/^https:\/\/[\w-]+\.vault\.(?:azure\.net|azure\.cn|usgovcloudapi\.net)\/secrets\/\S+$/i.test(text) &&
        !isPointer(context)),
    says: 'names a secret in Azure Key Vault instead of holding it',
    hint: 'Put the secret itself there, as az keyvault secret show prints it',
    examples: [
      'https://fake.vault.azure.net/secrets/openai/0000',
      '@Microsoft.KeyVault(VaultName=fake;SecretName=openai)',
    ],
    counterExamples: [
      { value: 'https://fake.vault.azure.net/', name: 'VAULT' },
      { value: 'https://fake.vault.azure.net/secrets/openai', name: 'OPENAI_SECRET_URL' },
    ],
  },
  {
    name: 'github-expression',
    about: 'an expression of GitHub Actions, Railway or Kubernetes that nobody evaluated',
    in: 'any',
    startsWith: '$vsc',
    test: (text) => /^\$\{\{[\s\S]*\}\}$/.test(text) || /^(?:valueFrom|secretKeyRef|configMapKeyRef):/.test(text),
    says: 'is an expression that another tool was to evaluate',
    hint: 'Hand the value over in env: of the workflow step, and read it with --from-env',
    examples: ['${{ secrets.OPENAI_API_KEY }}', 'secretKeyRef: {name: fake, key: openai}'],
    counterExamples: ['$', '{"a":{"b":"c"}}'],
  },
];
