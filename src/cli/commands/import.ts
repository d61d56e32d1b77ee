/**
 * `assay import`: an ONNX classifier of somebody else's becomes a bundle.
 */
import { basename, extname } from 'node:path'
import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import type { Imported, ImportOptions } from '../../engine/models/import-model'
import { idOf } from '../../shared/models'
import { perform } from '../environment'
import type { CliEnvironment } from '../environment'
import { fraction, path, size } from '../values'

const list = (text: string): string[] => {
  const parts = text.split(',').map((part) => part.trim())
  if (parts.length < 2 || parts.includes('')) throw new InvalidArgumentError('Give at least two names, separated by commas.')
  return parts
}

const numbers = (text: string): number[] => text.split(',').map(fraction)

function channels(text: string): 1 | 3 {
  if (text === '1') return 1
  if (text === '3') return 3
  throw new InvalidArgumentError('Give 1 or 3.')
}

const lines = ({ bundle, input, layout, output, answer, warnings }: Imported): string[] => [
  `${bundle}: ${input.height} × ${input.width}, ${input.channels} channels, ${layout}, ${output}`,
  `  on grey noise it answers ${Object.entries(answer).map(([label, p]) => `${label} ${(100 * p).toFixed(1)} %`).join(', ')}`,
  ...warnings.map((warning) => `  ${warning}`),
]

type Asked = Omit<ImportOptions, 'id' | 'name'> & { id?: string; name?: string }

export function addImport(program: Command, environment: CliEnvironment): void {
  const command = program
    .command('import')
    .description('make a bundle of an ONNX classifier')
    .argument('<model.onnx>', 'a classifier with one image input; weights in files beside it are taken along')
    .requiredOption('--out <bundle folder>', 'a new folder', path)
    .requiredOption('--classes <a,b,c>', 'names of the classes, in the order of the outputs', list)
    .requiredOption('--size <rows x columns>', 'size of the images, for example 224x224', size)
    .option('--channels <n>', '1 or 3, where the model does not say', channels)
    .option('--mean <numbers>', 'subtracted from values in [0, 1]: one number, or one per channel, separated by commas (default: 0)', numbers)
    .option('--std <numbers>', 'what is left is divided by this; 1/255 for models that take 0 to 255 (default, where neither is given: what the model\'s first operators say, else 1)', numbers)
    .addOption(new Option('--layout <order>', 'where the model does not say').choices(['nchw', 'nhwc']))
    .addOption(new Option('--output <kind>', 'what the outputs are, where the model does not say').choices(['logits', 'softmax', 'sigmoid']))
    .addOption(new Option('--channel-order <order>', 'order of the colours that the model takes').choices(['rgb', 'bgr']))
    .option('--inverted', 'the model takes dark for light')
    .option('--id <id>', 'small letters, digits and hyphens (default: from the file name)')
    .option('--name <name>', 'for people (default: the file name)')
    .option('--modality <code>', 'DICOM modality of the images, for example DX', '')
    .option('--body-part <code>', 'for example CHEST', '')
    .addHelpText('after', '\nExample:\n  assay import vendor.onnx --out ./vendor --classes normal,pneumonia --size 224x224 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225')
  perform(command, environment, async (file: string, asked: Asked) => {
    const { importModel } = await import('../../engine/models/import-model')
    const model = path(file)
    const name = asked.name ?? basename(model, extname(model))
    const imported = await importModel(model, { ...asked, name, id: asked.id ?? idOf(name) })
    return { exitCode: 0, json: imported, lines: lines(imported) }
  })
}
