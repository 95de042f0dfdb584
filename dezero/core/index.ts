export * from './backward';
export * from './config';
export * from './expr';
export * from './func';
export * from './operators';
export * from './register';
export * from './variable';
