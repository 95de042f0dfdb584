export { assetPath } from '#assets';
export { cached, cacheFolder, checkMd5, checkSha256Prefix, download, inCache } from '#download';
export { exists, isFolder, listFiles, openFile, readFile, removeFile, writeFileSafely } from '#files';
export {
  fetchDigits,
  fetchPhotos,
  fetchWeights,
  findPhotos,
  findWeights,
  weightFiles,
  type WeightsName,
} from './catalogue';
export { readGzip } from './gzip';
export { checkZip, formatManifest, parseManifest } from './manifest';
export { readNpy, readNpz, writeNpy, writeNpz } from './npz';
export type { CachedOptions, DownloadOptions, DownloadProgress, OnProgress } from './progress';
export { readPth } from './pth';
export { readSafetensors, writeSafetensors } from './safetensors';
export { bytesSource, readExactly, type Source } from './source';
export { loadTensors, readTensors, registerFormat, saveTensors, type TensorFormat } from './tensorFile';
export type { TensorContent, TensorFile, Tensors } from './tensors';
export { openZip, writeZip, ZipFile, type ZipEntry } from './zip';
