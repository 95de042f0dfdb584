/** The package, for programs in the playground: its modules by name. */
import * as dezero from '../../../dezero/index';
import * as data from '../../../dezero/data/index';
import * as functions from '../../../dezero/functions/index';
import * as io from '../../../dezero/io/index';
import * as layers from '../../../dezero/layers/index';
import * as models from '../../../dezero/models/index';
import * as optimizers from '../../../dezero/optimizers/index';
import * as utils from '../../../dezero/utils/index';

export = {
  dezero,
  'dezero/data': data,
  'dezero/functions': functions,
  'dezero/io': io,
  'dezero/layers': layers,
  'dezero/models': models,
  'dezero/optimizers': optimizers,
  'dezero/utils': utils,
};
