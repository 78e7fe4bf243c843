const KiB = 1_024;
const MiB = 1_024 * KiB;

/**
 * Bounds on the work of one run: whatever it is given, it needs no more time and memory than these allow, and those of a
 * single reader, which stand beside it (sources/yaml-faults.ts). Each is far beyond what an honest environment needs, a
 * few kilobytes, and holds before the work that it limits is begun.
 * SECURITY.md lists them for users. What Linux and Kubernetes refuse to store or to start is not a matter of work:
 * those limits stand where they are checked (checks/too-large.ts).
 */
export const limits = {
  /** Bytes of one file, or of standard input: larger ones are refused unread. */
  fileBytes: 4 * MiB,
  /**
   * Problems of one file that are listed, errors first; the rest is counted. A reader needs the first few, since a file
   * with more is one mistake made many times, or the wrong file. `guard` lists as many exposures of one.
   */
  problemsOfFile: 100,
  /** Problems that a run lists, over all environments; after these one of each file, and the rest is counted. */
  problemsOfRun: 10_000,
  /**
   * Names outside the catalog that one source may have and that are kept one by one; the rest is counted. Also those that
   * a former base reads.
   */
  unknownNames: 1_000,
  /** Different names of one source for which the near one in the catalog is looked up: each is compared with them all. */
  nearNames: 1_000,
  /**
   * UTF-16 code units of what one source may give for secrets without its becoming a value, each in every way in which it
   * can be read: of texts that stand behind the name of a secret, and of those that stand behind no name.
   */
  unreadLength: 500_000,
  /** UTF-16 code units of all texts, in all their spellings, that one search looks for in other values. */
  soughtLength: 4_000_000,
  /**
   * UTF-16 code units of a value that placeholders make, or that is decoded to look for a secret in it, or that the
   * recognisers look at: no container would start with more (execve(2), 32 pages for one string of the environment).
   */
  valueLength: 131_071,
  /** UTF-16 code units that placeholders may add up to in one environment: what a few small files cannot mean. */
  substitutedTogether: 16_000_000,
  /**
   * Names in the folder of env files that belong to no environment and are looked at: each is compared with them all. Also
   * the overlays of a former layout, and the files that one names.
   */
  strayNames: 1_000,
  /** Environments among which the near one is looked for that such a name misspells. */
  environmentsNear: 200,
  /** Kustomizations of a former layout that one overlay takes its objects from. A team has a few. */
  kustomizationsReached: 100,
  /** Bytes of all kustomizations of a former layout together. */
  bytesOfKustomizations: 512 * KiB,
  /** Environments with one file that may be another's, misnamed: each is compared with those that lack it. */
  loneEnvironments: 100,
  /** Other environments that are looked at in passing, for targets they share with those of the run. */
  environmentsInPassing: 50,
  /** Bytes of one file of such an environment: it is passed over if it has a larger one. */
  fileBytesInPassing: 64 * KiB,
  /**
   * Bytes of all files of such environments together: those beyond are passed over. Of files that `migrate` names as unread
   * as many UTF-16 code units are parsed.
   */
  bytesInPassing: 512 * KiB,
  /** UTF-16 code units of the files of which a run of several environments keeps what it made for its second look. */
  lengthKept: 100_000,
  /** Of those that it keeps as text; the others are read twice. */
  textKept: 8_000_000,
  /**
   * Keys, values, brackets, marks and lines of the manifests of one overlay: each takes the parser a kilobyte. A
   * hundred workloads have some 50,000.
   */
  manifestParts: 250_000,
  /** Keys and values of such manifests, once each alias is what it stands for. */
  expandedParts: 1_000_000,
  /** Brackets within each other, or list and key marks on one line, in manifests. */
  manifestDepth: 100,
  /**
   * What is looked for because a workload loads it, and the Secrets and ConfigMaps that are looked at for each, all of
   * one name.
   */
  objectsLookedAt: 10_000_000,
  /** Secrets and ConfigMaps of others that workloads on the cluster name, and that kubectl is asked for, all at once. */
  foreignObjects: 500,
  /** Names that containers of `--workloads` get from whole objects, compared with each other. */
  namesOfContainers: 1_000_000,
  /** Names that are compared with those of what workloads name and is not there, to find what was meant. */
  namesCompared: 100_000,
  /** Keys of an object, or objects, that a hint lists, or kubectl's line in one. */
  keysListed: 20,
  /** Those that a file may be encrypted for. */
  recipients: 200,
  /** Bytes at the start of an encrypted file that say for whom it is. */
  bytesOfRecipients: MiB,
  /** Times that an identity is tried on what a file holds for a recipient; each takes a millisecond. */
  decryptions: 2_000,
  /** Seconds that a program which is asked something may take: somebody may have to log in meanwhile. */
  secondsOfProgram: 120,
  /** Seconds that kubectl may wait for the answer to one request. */
  secondsOfRequest: 30,
  /** Runs of kubectl that wait at one time, each for the roll-out of one workload. */
  waitingPrograms: 10,
  /** Bytes of what a program answers that is asked something. */
  bytesOfAnswer: 16 * MiB,
  /** Bytes of what git lists of files and commits. */
  bytesOfList: 64 * MiB,
  /** Bytes of memory that git may take to compare a commit. */
  bytesOfGit: 1_024 * MiB,
  /** Bytes of a file that `guard` looks into: larger ones are passed over, and it says so. */
  guardedBytes: 32 * MiB,
  /**
   * UTF-16 code units that `guard` looks through for one secret after the other, once it knows that a text holds some:
   * each time the whole line, or the whole text, and no less than the secret has.
   */
  lookedThrough: 250_000_000,
  /** Environments that a hint lists. */
  environmentsListed: 20,
  /** Characters that the columns of a table are padded to: one long value does not make every row as long. */
  columnWidth: 200,
  /** Bytes of all workflows with a place for what `docs` generates. */
  bytesOfWorkflows: 4 * MiB,
} as const;

/** A number of bytes as people say it: "4 MiB". */
export function sizeText(bytes: number): string {
  return bytes % MiB === 0 ? `${bytes / MiB} MiB` : `${bytes / KiB} KiB`;
}
